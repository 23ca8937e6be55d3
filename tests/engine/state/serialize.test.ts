import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import type { ResourceState } from "../../../engine/model";
import { parseCheckpoint } from "../../../engine/state/checkpoint";
import { PassphraseSecrets } from "../../../engine/state/secrets";
import type { SecretForm, StoredResource } from "../../../engine/state/serialize";
import { deserializeResource, serializeValue, storedResource } from "../../../engine/state/serialize";
import type { Value } from "../../../engine/values";
import { makeSecret, OUTPUT, RESOURCE, SECRET, SIG, UNKNOWN } from "../../../engine/values";

const FIXTURE = path.join(__dirname, "fixtures", "cli-checkpoint.json");
const URN = "urn:pulumi:dev::shop::shop:index:Cart::cart";

/** Encryption that can be read. */
const boxed: SecretForm = (plaintext) => ({ ciphertext: `<${plaintext}>` });
const unboxed = { decrypt: (ciphertext: string) => ciphertext.slice(1, -1) };

const roundTrip = (value: Value): Value | undefined => {
  const resource = { urn: URN, custom: true, type: "t", outputs: { value } };
  const stored = JSON.parse(JSON.stringify(storedResource(resource, boxed))) as StoredResource;
  return deserializeResource(stored, unboxed).outputs?.["value"];
};

describe("resources in the state", () => {
  it("come back from a file of the CLI with their secrets, and go there again byte for byte", async () => {
    const { salt = "", resources } = parseCheckpoint(
      fs.readFileSync(FIXTURE, "utf8"),
      "organization/shop/dev",
    );
    const secrets = await PassphraseSecrets.open("correct-horse", salt);
    const known = new Map<string, string>();
    const decrypted = resources.map((resource) =>
      deserializeResource(resource, secrets, (plaintext, ciphertext) =>
        known.set(resource.urn + plaintext, ciphertext),
      ),
    );
    const cart = decrypted.find(({ urn }) => urn === URN);
    assert.deepEqual(cart?.inputs, { items: ["a", makeSecret("b")] });
    assert.deepEqual(cart?.outputs, {
      list: [1, null, "<&>"],
      total: makeSecret({ note: "inner", price: 5 }),
    });
    const again = decrypted.map((resource) =>
      storedResource(resource, (plaintext) => ({ ciphertext: known.get(resource.urn + plaintext) ?? "new" })),
    );
    assert.equal(JSON.stringify(again), JSON.stringify(resources));
  });

  it("are written in the CLI's order of fields, unset ones left out, unknown ones kept at the end", () => {
    const resource = {
      futureField: { kept: [1] },
      dependencies: [],
      outputs: { b: 2, a: 1 },
      inputs: {},
      protect: false,
      customTimeouts: { create: 0 },
      initErrors: ["late"],
      id: "i",
      type: "t",
      custom: false,
      replacementTrigger: false,
      urn: URN,
    } as ResourceState;
    assert.equal(
      JSON.stringify(storedResource(resource, boxed)),
      `{"urn":"${URN}","custom":false,"id":"i","type":"t","outputs":{"a":1,"b":2},"initErrors":["late"],` +
        `"replacementTrigger":false,"futureField":{"kept":[1]}}`,
    );
  });

  it("keep zeroes and empty values among their properties", () => {
    const resource = {
      urn: URN,
      custom: false,
      type: "t",
      inputs: { zero: 0, no: false, none: null, empty: "", list: [] },
    };
    assert.deepEqual(storedResource(resource, boxed).inputs, resource.inputs);
  });

  it("keep every value, whatever is secret in it", () => {
    const { tree } = fc.letrec<{ tree: Value }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.constant(null),
        fc.boolean(),
        fc.double().map((number) => (Object.is(number, -0) ? 0 : number)),
        fc.string(),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(
          fc.string().filter((key) => key !== "__proto__"),
          tie("tree"),
          { maxKeys: 3, noNullPrototype: true },
        ),
        tie("tree").map((inner) => ({ [SIG]: SECRET, value: inner })),
      ),
    }));
    fc.assert(fc.property(tree, (value) => assert.deepEqual(roundTrip(value), value)));
  });

  it("hold secrets as the JSON of their values, and what is secret inside as a mark only", () => {
    assert.deepEqual(serializeValue(makeSecret({ a: makeSecret("x"), b: 1 }), boxed), {
      [SIG]: SECRET,
      ciphertext: `<{"a":{"${SIG}":"${SECRET}","ciphertext":"\\"x\\""},"b":1}>`,
    });
  });

  it("hold the numbers that JSON has not by their bits, and any unknown as the CLI's", () => {
    const float = (value: string) => ({ [SIG]: "8ad145fe-0d11-4827-bfd7-1abcbf086f5c", value });
    assert.deepEqual(serializeValue([NaN, -Infinity], boxed), [
      float("7ff8000000000000"),
      float("fff0000000000000"),
    ]);
    assert.deepEqual(roundTrip([NaN, Infinity]), [NaN, Infinity]);
    assert.equal(serializeValue("1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", boxed), UNKNOWN);
  });

  it("hold of an output value what it is, not what it depends on", () => {
    assert.equal(serializeValue({ [SIG]: OUTPUT, dependencies: ["u"] }, boxed), UNKNOWN);
    assert.equal(serializeValue({ [SIG]: OUTPUT, value: null }, boxed), null);
    assert.deepEqual(serializeValue({ [SIG]: OUTPUT, value: 1, secret: true }, boxed), {
      [SIG]: SECRET,
      ciphertext: "<1>",
    });
  });

  it("hold references by URN and id only, an unknown id as an empty one", () => {
    const reference = {
      [SIG]: RESOURCE,
      urn: URN,
      id: "i",
      name: "cart",
      type: "t",
      packageVersion: "1.0.0",
    };
    assert.deepEqual(serializeValue(reference, boxed), {
      [SIG]: RESOURCE,
      id: "i",
      packageVersion: "1.0.0",
      urn: URN,
    });
    const unknown = { [SIG]: RESOURCE, urn: URN, id: UNKNOWN };
    assert.deepEqual(serializeValue(unknown, boxed), {
      [SIG]: RESOURCE,
      id: "",
      packageVersion: "",
      urn: URN,
    });
  });

  it("accept plain secrets, and refuse those that are both or neither, and signatures that nobody knows", () => {
    const read = (value: Value) =>
      deserializeResource({ urn: URN, custom: true, type: "t", inputs: { value } }, unboxed);
    assert.deepEqual(read({ [SIG]: SECRET, plaintext: '"x"' }).inputs, { value: makeSecret("x") });
    for (const value of [{ [SIG]: SECRET }, { [SIG]: SECRET, plaintext: '"x"', ciphertext: "<1>" }]) {
      assert.throws(
        () => read(value),
        new Error(
          `${URN}: inputs: malformed secret value: exactly one of \`ciphertext\` or \`plaintext\` must be supplied`,
        ),
      );
    }
    assert.throws(() => read([{ [SIG]: "abc" }]), /inputs: unrecognized signature 'abc' in property map/);
  });
});
