/** DSSE envelopes (Dead Simple Signing Envelope, v1.0.2), signed with Ed25519. Nothing here throws on what it is given to check. */
import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import * as z from "zod";

export const payloadType = "application/vnd.in-toto+json";

const base64 = z
  .string()
  .refine((text) => Buffer.from(text, "base64").toString("base64") === text, { error: "not base64" });

export const envelopeSchema = z.object({
  payload: base64,
  payloadType: z.string().max(200),
  signatures: z.array(z.object({ keyid: z.string().max(200).optional(), sig: base64 })).min(1),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** The bytes that are signed: DSSE's pre-authentication encoding. */
export function preAuthEncoding(type: string, payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `),
    payload,
  ]);
}

/** A public key that evidence may be signed with. */
export interface TrustedKey {
  /** SHA-256 of the key's SPKI form, in hexadecimal. */
  readonly id: string;
  readonly key: KeyObject;
}

/** An Ed25519 public key from SPKI in PEM, or its 32 bytes in base64; undefined when the text is neither. */
export function readPublicKey(text: string): TrustedKey | undefined {
  try {
    const raw = Buffer.from(text, "base64");
    const key = text.includes("-----BEGIN PUBLIC KEY-----")
      ? createPublicKey(text)
      : createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") }, format: "jwk" });
    return key.asymmetricKeyType === "ed25519" ? { id: keyId(key), key } : undefined;
  } catch {
    return undefined;
  }
}

/** The id of a public key: SHA-256 of its SPKI form, in hexadecimal. */
export function keyId(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
}

export type OpenedEnvelope =
  | { readonly outcome: "verified"; readonly payload: Buffer; readonly keyId: string }
  | { readonly outcome: "malformed-envelope"; readonly detail: string }
  /** Signed by none of the trusted keys. The payload may claim anything. */
  | { readonly outcome: "unknown-key"; readonly payload: Buffer; readonly keyId: string }
  /** Names a trusted key, whose signature does not fit the content. The payload may claim anything. */
  | { readonly outcome: "bad-signature"; readonly payload: Buffer; readonly keyId: string };

/** Verifies an envelope: one signature of a trusted key that fits is enough; a signature that names no key is tried with each. */
export function openEnvelope(
  text: string,
  trusted: readonly TrustedKey[],
  type: string = payloadType,
): OpenedEnvelope {
  const parsed = parseJson(text, envelopeSchema);
  if (!parsed.success) return { outcome: "malformed-envelope", detail: parsed.detail };
  if (parsed.data.payloadType !== type) {
    return { outcome: "malformed-envelope", detail: `payloadType: expected ${type}` };
  }
  const payload = Buffer.from(parsed.data.payload, "base64");
  const signed = preAuthEncoding(type, payload);
  let mismatch: string | undefined;
  for (const { keyid, sig } of parsed.data.signatures) {
    for (const { id, key } of trusted) {
      if (keyid !== undefined && keyid !== id) continue;
      if (verify(null, signed, key, Buffer.from(sig, "base64")))
        return { outcome: "verified", payload, keyId: id };
      mismatch = id;
    }
  }
  if (mismatch !== undefined) return { outcome: "bad-signature", payload, keyId: mismatch };
  return { outcome: "unknown-key", payload, keyId: parsed.data.signatures[0]?.keyid ?? "" };
}

/** Parses JSON text by a schema; `detail` says in one line what is wrong with it. */
export function parseJson<T>(
  text: string,
  schema: z.ZodType<T>,
): { success: true; data: T } | { success: false; detail: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { success: false, detail: "it is not JSON" };
  }
  const result = schema.safeParse(value);
  if (result.success) return { success: true, data: result.data };
  const faults = result.error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join(".") || "the whole"}: ${issue.message}`);
  return { success: false, detail: faults.join("; ").slice(0, 300) };
}
