import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeys, ownPublicKey, readSigningKey } from "../../../pipeline/evidence/keys";
import { UserError } from "../../../pipeline/user-error";
import { readPublicKey } from "../../../policy/attestation/envelope";

describe("keys that evidence is signed with", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "slipway-keys-"))));
  afterEach(() => rmSync(root, { recursive: true }));

  it("are made as a pair, the private one for its owner only", () => {
    const { id, publicFile } = generateKeys(root);
    const file = join(root, ".slipway/keys/evidence.key");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(publicFile, join(root, ".slipway/keys/evidence.pub"));
    assert.equal(readSigningKey(root).id, id);
    assert.equal(readPublicKey(ownPublicKey(root) ?? "")?.id, id);
  });

  it("are never overwritten", () => {
    generateKeys(root);
    const file = join(root, ".slipway/keys/evidence.key");
    const before = readFileSync(file);
    const told = new UserError(
      `There is a key already: ${file}. What it signed is trusted by it; move it away to make another.`,
    );
    assert.throws(() => generateKeys(root), told);
    assert.deepEqual(readFileSync(file), before);
  });

  it("are missed by name, and refused when they are none", () => {
    const file = join(root, ".slipway/keys/evidence.key");
    assert.throws(
      () => readSigningKey(root),
      new UserError(`There is no key to sign with: ${file} is missing. Run npm run evidence -- keygen.`),
    );
    assert.equal(ownPublicKey(root), undefined);
    generateKeys(root);
    writeFileSync(file, "nonsense");
    assert.throws(
      () => readSigningKey(root),
      new UserError(
        `${file} holds no Ed25519 private key in PEM. Move it away, and run npm run evidence -- keygen.`,
      ),
    );
  });
});
