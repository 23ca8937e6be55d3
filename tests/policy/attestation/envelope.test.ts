import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import {
  openEnvelope,
  payloadType,
  type Envelope,
  preAuthEncoding,
  readPublicKey,
} from "../../../policy/attestation/envelope";
import { makeKey, seal } from "../compliant";

const key = makeKey();
const other = makeKey();
const trusted = [{ id: key.id, key: key.publicKey }];
const payload = Buffer.from('{"a":1}');
const opened = (text: string, keys = trusted) => openEnvelope(text, keys);

/** A text in base64, with one bit of its bytes turned. */
function flipped(base64: string): fc.Arbitrary<string> {
  const bytes = Buffer.from(base64, "base64");
  return fc.nat(bytes.length * 8 - 1).map((bit) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return copy.toString("base64");
  });
}

describe("DSSE envelopes", () => {
  it("signs the bytes that the specification's example gives", () => {
    assert.equal(
      preAuthEncoding("http://example.com/HelloWorld", Buffer.from("hello world")).toString(),
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    );
  });

  it("opens what a trusted key signed, with or without the key's id", () => {
    const verified = { outcome: "verified", payload, keyId: key.id };
    assert.deepEqual(opened(seal({ a: 1 }, key)), verified);
    const envelope = JSON.parse(seal({ a: 1 }, key)) as { signatures: { sig: string }[] };
    const signatures = envelope.signatures.map(({ sig }) => ({ sig }));
    assert.deepEqual(opened(JSON.stringify({ ...envelope, signatures })), verified);
  });

  it("needs one signature that fits, among others that nobody trusts", () => {
    const [mine, foreign] = [key, other].map(
      (one) =>
        (JSON.parse(seal({ a: 1 }, one)) as { signatures: { keyid: string; sig: string }[] }).signatures,
    );
    assert.ok(mine && foreign);
    assert.equal(opened(seal({ a: 1 }, key, { signatures: [...foreign, ...mine] })).outcome, "verified");
  });

  it("tells a stranger's signature from a broken one", () => {
    assert.deepEqual(opened(seal({ a: 1 }, other)), { outcome: "unknown-key", payload, keyId: other.id });
    const tampered = Buffer.from('{"a":2}');
    assert.deepEqual(opened(seal({ a: 1 }, key, { payload: tampered.toString("base64") })), {
      outcome: "bad-signature",
      payload: tampered,
      keyId: key.id,
    });
    assert.deepEqual(opened(seal({ a: 1 }, key), []), { outcome: "unknown-key", payload, keyId: key.id });
  });

  it("says what is wrong with what is no envelope", () => {
    const details = [
      ["", "it is not JSON"],
      ["[]", "the whole: Invalid input: expected object, received array"],
      [seal({}, key, { signatures: [] }), "signatures: Too small: expected array to have >=1 items"],
      [seal({}, key, { payload: "a" }), "payload: not base64"],
      [
        JSON.stringify({ ...(JSON.parse(seal({}, key)) as object), payloadType: "text/plain" }),
        `payloadType: expected ${payloadType}`,
      ],
    ] as const;
    for (const [text, detail] of details) {
      assert.deepEqual(opened(text), { outcome: "malformed-envelope", detail });
    }
  });

  it("survives 20,000 malformed and tampered envelopes, and opens none of them", () => {
    const good = JSON.parse(seal({ a: 1 }, key)) as Envelope;
    const whole = JSON.stringify(good);
    const { sig = "" } = good.signatures[0] ?? {};
    const signedBy = (keyid: string, changed: string) =>
      JSON.stringify({ ...good, signatures: [{ keyid, sig: changed }] });
    const junk = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.base64String());
    const malformed = fc.oneof(
      fc.string({ unit: "binary" }),
      junk.map((value) => JSON.stringify(value)),
      fc.nat(whole.length - 1).map((length) => whole.slice(0, length)),
      fc
        .tuple(fc.constantFrom(...Object.keys(good)), junk)
        .map(([name, value]) => JSON.stringify({ ...good, [name]: value })),
      flipped(good.payload).map((changed) => JSON.stringify({ ...good, payload: changed })),
      flipped(sig).map((changed) => signedBy(key.id, changed)),
      fc.base64String().map((changed) => signedBy(key.id, changed)),
      fc.string().map((keyid) => signedBy(keyid, sig)),
    );
    fc.assert(
      fc.property(malformed, (text) => {
        assert.notEqual(opened(text).outcome, "verified");
      }),
      { numRuns: 20_000 },
    );
  });
});

describe("trusted keys", () => {
  it("are SPKI in PEM or 32 bytes in base64, and have the same id either way", () => {
    const raw = Buffer.from(key.publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
    assert.equal(readPublicKey(key.pem)?.id, key.id);
    assert.equal(readPublicKey(raw)?.id, key.id);
  });

  it("are no other keys, and no other texts", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    for (const text of [
      "",
      "x",
      "-----BEGIN PUBLIC KEY-----",
      publicKey.export({ type: "spki", format: "pem" }).toString(),
      privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      key.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    ]) {
      assert.equal(readPublicKey(text), undefined);
    }
  });
});
