/** Passphrase secrets, byte for byte the CLI's (pkg/secrets/passphrase/manager.go, sdk/go/common/resource/config/crypt.go). */
import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import fs from "node:fs";
import { promisify } from "node:util";
import { UNKNOWN } from "../values";

export interface Encrypter {
  encrypt(plaintext: string): string;
}
export interface Decrypter {
  decrypt(ciphertext: string): string;
}
export type Crypter = Encrypter & Decrypter;

/** Stands in for what cannot be decrypted without the passphrase: every secret of a configuration is unknown, and so of a state. */
export const UNKNOWN_CONFIG_SECRETS: Decrypter = { decrypt: () => UNKNOWN };
export const UNKNOWN_STATE_SECRETS: Decrypter = { decrypt: () => JSON.stringify(UNKNOWN) };

/** Whether the environment says what the passphrase is. */
export const hasPassphrase = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  environment["PULUMI_CONFIG_PASSPHRASE"] !== undefined || !!environment["PULUMI_CONFIG_PASSPHRASE_FILE"];

const ITERATIONS = 1_000_000;
const CHECK = "pulumi";

/** Encrypts and decrypts with the key of one salt. */
export class PassphraseSecrets implements Crypter {
  private constructor(
    /** `v1:<salt>:<check>`: `encryptionsalt` of the stack's configuration and the state's `secrets_providers`. */
    readonly salt: string,
    private readonly key: Buffer,
  ) {}

  /** With a key derived from the passphrase and a new random salt, which the caller saves in the stack's configuration. */
  static async create(passphrase: string): Promise<PassphraseSecrets> {
    const salt = randomBytes(8).toString("base64");
    const key = await deriveKey(passphrase, salt);
    return new PassphraseSecrets(`v1:${salt}:${encrypt(key, CHECK)}`, key);
  }

  /** @throws Error `incorrect passphrase`. */
  static async open(passphrase: string, salt: string): Promise<PassphraseSecrets> {
    const [version, bare, ...check] = salt.split(":");
    if (version !== "v1" || bare === undefined || check.length !== 3) {
      throw new Error(
        `the encryption salt '${salt}' is malformed: it must have the form v1:<salt>:v1:<nonce>:<check>`,
      );
    }
    const secrets = new PassphraseSecrets(salt, await deriveKey(passphrase, bare));
    let plain: string | undefined;
    try {
      plain = decrypt(secrets.key, check.join(":"));
    } catch {
      // A wrong key fails the authentication tag: the error below says so.
    }
    if (plain !== CHECK) throw new Error("incorrect passphrase");
    return secrets;
  }

  encrypt(plaintext: string): string {
    return encrypt(this.key, plaintext);
  }

  /** @throws Error when the text was not encrypted with this key or was changed. */
  decrypt(ciphertext: string): string {
    try {
      return decrypt(this.key, ciphertext);
    } catch {
      throw new Error(
        "a secret cannot be decrypted: it was encrypted with another passphrase or salt, or it is damaged",
      );
    }
  }
}

function encrypt(key: Buffer, plaintext: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const text = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${text.toString("base64")}`;
}

function decrypt(key: Buffer, ciphertext: string): string {
  const [version, nonce, text] = ciphertext.split(":");
  if (version !== "v1" || nonce === undefined || text === undefined) throw new Error("unknown form");
  const bytes = Buffer.from(text, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), { authTagLength: 16 });
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
}

const keys = new Map<string, Promise<Buffer>>();

/** Once per salt and process: it takes about 0.2 s, on a thread of its own. */
function deriveKey(passphrase: string, salt: string): Promise<Buffer> {
  const name = JSON.stringify([passphrase, salt]);
  const known = keys.get(name);
  if (known) return known;
  const key = promisify(pbkdf2)(passphrase, Buffer.from(salt, "base64"), ITERATIONS, 32, "sha256");
  keys.set(name, key);
  return key;
}

/**
 * The passphrase from PULUMI_CONFIG_PASSPHRASE (which may be empty), else the file PULUMI_CONFIG_PASSPHRASE_FILE.
 * @throws Error naming both variables when neither is set, and the file when it cannot be read.
 */
export function readPassphrase(environment: NodeJS.ProcessEnv = process.env): string {
  const passphrase = environment["PULUMI_CONFIG_PASSPHRASE"];
  if (passphrase !== undefined) return passphrase;
  const file = environment["PULUMI_CONFIG_PASSPHRASE_FILE"];
  if (file === undefined || file === "") {
    throw new Error(
      "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    );
  }
  try {
    return fs.readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new Error(`unable to read PULUMI_CONFIG_PASSPHRASE_FILE: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * A stack's secrets: with the salt of its configuration, else of its state, else a new one. Save `salt` to the configuration
 * when it has none.
 */
export async function openSecrets(
  salts: { config?: string | undefined; state?: string | undefined },
  environment: NodeJS.ProcessEnv = process.env,
): Promise<PassphraseSecrets> {
  const passphrase = readPassphrase(environment);
  const salt = salts.config ?? salts.state;
  return salt === undefined ? PassphraseSecrets.create(passphrase) : PassphraseSecrets.open(passphrase, salt);
}
