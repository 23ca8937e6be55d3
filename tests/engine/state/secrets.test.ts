import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { openSecrets, PassphraseSecrets, readPassphrase } from "../../../engine/state/secrets";

/** Made by the Pulumi CLI with the passphrase "correct-horse". */
const CLI_SALT = "v1:bXQDezfRBdg=:v1:KCt4hvURa+J0ygzW:CU6P1m0tiCfrBj3qsGBxiMxlbUNP+w==";

describe("passphrase secrets", () => {
  it("decrypt what the CLI has encrypted", async () => {
    const secrets = await PassphraseSecrets.open("correct-horse", CLI_SALT);
    assert.equal(secrets.decrypt("v1:exkRagq2ZU1nuatZ:cIVrRAv5e6SOfeJOTHdAm+6USl8f"), "t0ken");
  });

  it("refuse a wrong passphrase with the CLI's words", async () => {
    await assert.rejects(PassphraseSecrets.open("wrong", CLI_SALT), new Error("incorrect passphrase"));
  });

  it("open again with the salt that was made with them", async () => {
    const made = await PassphraseSecrets.create("");
    const text = made.encrypt("grüße");
    assert.match(made.salt, /^v1:[\w+/]{11}=:v1:[\w+/]{16}:[\w+/]{30}==$/);
    assert.equal((await PassphraseSecrets.open("", made.salt)).decrypt(text), "grüße");
  });

  it("never write the same text twice", async () => {
    const secrets = await PassphraseSecrets.open("correct-horse", CLI_SALT);
    assert.notEqual(secrets.encrypt("same"), secrets.encrypt("same"));
  });

  it("say that a changed ciphertext is damaged, without showing it", async () => {
    const secrets = await PassphraseSecrets.open("correct-horse", CLI_SALT);
    const damaged = "v1:exkRagq2ZU1nuatZ:cIVrRAv5e6SOfeJOTHdAm+6USl8g";
    assert.throws(() => secrets.decrypt(damaged), /^Error: a secret cannot be decrypted: [^v]*$/);
    assert.throws(() => secrets.decrypt("plain"), /a secret cannot be decrypted/);
  });

  it("refuse a salt that is none", async () => {
    await assert.rejects(PassphraseSecrets.open("x", "v2:abc"), /the encryption salt 'v2:abc' is malformed/);
  });

  it("take the salt of the configuration before that of the state", async () => {
    const environment = { PULUMI_CONFIG_PASSPHRASE: "correct-horse" };
    assert.equal((await openSecrets({ config: CLI_SALT, state: "v1:x" }, environment)).salt, CLI_SALT);
    assert.equal((await openSecrets({ state: CLI_SALT }, environment)).salt, CLI_SALT);
    assert.notEqual((await openSecrets({}, environment)).salt, CLI_SALT);
  });
});

describe("readPassphrase", () => {
  it("prefers the variable, even when it is empty", () => {
    const environment = { PULUMI_CONFIG_PASSPHRASE: "", PULUMI_CONFIG_PASSPHRASE_FILE: "/none" };
    assert.equal(readPassphrase(environment), "");
  });

  it("reads the file without the white space around", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "passphrase-"));
    const file = path.join(folder, "passphrase");
    fs.writeFileSync(file, " s3cret\n");
    assert.equal(readPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: file }), "s3cret");
    fs.rmSync(folder, { recursive: true });
  });

  it("names both variables when neither is set, and the file when it is missing", () => {
    assert.throws(
      () => readPassphrase({}),
      /passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables/,
    );
    assert.throws(
      () => readPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: "/no/such/file" }),
      /unable to read PULUMI_CONFIG_PASSPHRASE_FILE: .*\/no\/such\/file/,
    );
  });
});
