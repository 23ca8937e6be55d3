/** Signing, and writing what was signed. */
import { sign } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { preAuthEncoding, type Envelope } from "../../policy/attestation/envelope";
import type { SigningKey } from "./keys";

export function seal(content: object, payloadType: string, { id, key }: SigningKey): Envelope {
  const payload = Buffer.from(JSON.stringify(content));
  const sig = sign(null, preAuthEncoding(payloadType, payload), key).toString("base64");
  return { payload: payload.toString("base64"), payloadType, signatures: [{ keyid: id, sig }] };
}

/** Writes a file at once or not at all. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(join(file, ".."), { recursive: true });
  const partial = `${file}.${process.pid}.tmp`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}
