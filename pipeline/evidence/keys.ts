/**
 * The key pairs on this machine, in `.slipway/keys`: `evidence` signs what tools reported, `approver` what a person decides. The private halves (`.key`)
 * are readable by their owner only; the public ones are `.pub`.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyId } from "../../policy/attestation/envelope";
import { UserError } from "../user-error";

export interface SigningKey {
  readonly id: string;
  readonly key: KeyObject;
}

const folder = (root: string): string => join(root, ".slipway/keys");
const privateFile = (root: string, purpose: KeyPurpose): string => join(folder(root), `${purpose}.key`);
const publicFile = (root: string, purpose: KeyPurpose): string => join(folder(root), `${purpose}.pub`);

export type KeyPurpose = "evidence" | "approver";

/** How a person makes the pair. */
const keygen = (purpose: KeyPurpose): string =>
  `npm run evidence -- keygen${purpose === "evidence" ? "" : ` --${purpose}`}`;

/**
 * Makes the key pair (Ed25519), and answers its id and where its public half is.
 *
 * @throws UserError when there is one already: evidence that it signed would no longer be trusted
 */
export function generateKeys(
  root: string,
  purpose: KeyPurpose = "evidence",
): { id: string; publicFile: string } {
  for (const file of [privateFile(root, purpose), publicFile(root, purpose)]) {
    if (!existsSync(file)) continue;
    throw new UserError(
      `There is a key already: ${file}. What it signed is trusted by it; move it away to make another.`,
    );
  }
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  mkdirSync(folder(root), { recursive: true, mode: 0o700 });
  writeFileSync(privateFile(root, purpose), privateKey.export({ type: "pkcs8", format: "pem" }), {
    mode: 0o600,
    flag: "wx",
  });
  writeFileSync(publicFile(root, purpose), publicKey.export({ type: "spki", format: "pem" }), { flag: "wx" });
  return { id: keyId(publicKey), publicFile: publicFile(root, purpose) };
}

/**
 * Reads the private key.
 *
 * @throws UserError when there is none, or the file holds none
 */
export function readSigningKey(root: string, purpose: KeyPurpose = "evidence"): SigningKey {
  const file = privateFile(root, purpose);
  if (!existsSync(file)) {
    throw new UserError(`There is no key to sign with: ${file} is missing. Run ${keygen(purpose)}.`);
  }
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType !== "ed25519") throw new TypeError();
    return { id: keyId(createPublicKey(key)), key };
  } catch {
    throw new UserError(
      `${file} holds no Ed25519 private key in PEM. Move it away, and run ${keygen(purpose)}.`,
    );
  }
}

/** This machine's public key in PEM, for `trustedKeys` of the rule release-require-evidence; undefined when there is none. */
export function ownPublicKey(root: string): string | undefined {
  const file = publicFile(root, "evidence");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
