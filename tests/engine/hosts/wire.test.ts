import assert from "node:assert/strict";
import fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
  downgradeOutputs,
  encode,
  fromStruct,
  outputDependencies,
  plainStruct,
  toStruct,
  upgradeToOutputs,
} from "../../../engine/hosts/wire";
import { ASSET, OUTPUT, RESOURCE, SIG, UNKNOWN, makeSecret } from "../../../engine/values";
import type { Properties } from "../../../engine/values";

const everything = { secrets: true, resources: true, unknowns: true };
const nothing = { secrets: false, resources: false, unknowns: false };
const urn = "urn:pulumi:s::p::a:b:Parent$tst:index:Thing::name::with::colons";

describe("engine/hosts/wire", () => {
  it("gives back through bytes what it was given, nulls, empty and nested values included", () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.constant(null),
        fc.boolean(),
        fc.double({ noNaN: true }).map((number) => number + 0),
        fc.string(),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value, { maxKeys: 4, noNullPrototype: true }), (properties) => {
        fc.pre(!JSON.stringify(properties).includes("__proto__"));
        const bytes = plainStruct(properties as Properties).serializeBinary();
        assert.deepEqual(fromStruct(Struct.deserializeBinary(bytes)), properties);
      }),
      { numRuns: 200 },
    );
  });

  it("takes an absent struct for an empty one", () => {
    assert.deepEqual(fromStruct(undefined), {});
  });

  it("keeps all for a receiver that understands all, and tells name and type of a reference", () => {
    const properties = {
      secret: makeSecret({ inner: UNKNOWN }),
      list: [1, null],
      reference: { [SIG]: RESOURCE, urn, id: "i" },
    };
    assert.deepEqual(encode(properties, everything), {
      secret: makeSecret({ inner: UNKNOWN }),
      list: [1, null],
      reference: { [SIG]: RESOURCE, urn, id: "i", name: "name::with::colons", type: "tst:index:Thing" },
    });
  });

  it("unwraps secrets, turns references to ids or URNs and leaves out unknowns for one that understands nothing", () => {
    const properties = {
      secret: makeSecret([makeSecret("a")]),
      custom: { [SIG]: RESOURCE, urn, id: "i" },
      component: { [SIG]: RESOURCE, urn },
      pending: { [SIG]: RESOURCE, urn, id: "" },
      unknown: UNKNOWN,
      hidden: makeSecret(UNKNOWN),
      list: [1, UNKNOWN, 2],
    };
    assert.deepEqual(encode(properties, nothing), {
      secret: ["a"],
      custom: "i",
      component: urn,
      list: [1, 2],
    });
  });

  it("sends a reference whose id is unknown as an unknown, or with an empty id", () => {
    const reference = { [SIG]: RESOURCE, urn, id: UNKNOWN };
    assert.deepEqual(encode({ reference: { ...reference, id: "" } }, { ...everything, resources: false }), {
      reference: UNKNOWN,
    });
    const sent = toStruct({ reference }, everything).toJavaScript()["reference"] as Properties;
    assert.equal(sent["id"], "");
  });

  it("reduces assets to their hashes where their contents may be gone, and leaves out internal properties at the top only", () => {
    const asset = { [SIG]: ASSET, hash: "h", text: "t" };
    assert.deepEqual(encode({ asset, deep: [{ asset }] }, { ...everything, elideAssets: true }), {
      asset: { [SIG]: ASSET, hash: "h" },
      deep: [{ asset: { [SIG]: ASSET, hash: "h" } }],
    });
    assert.deepEqual(
      encode({ __internal: 1, shown: { __internal: 2 } }, { ...everything, skipInternal: true }),
      {
        shown: { __internal: 2 },
      },
    );
  });

  it("makes values, secrets and unknowns of output values, at any depth", () => {
    const outputs = {
      known: { [SIG]: OUTPUT, value: { inner: { [SIG]: OUTPUT } }, dependencies: ["a"] },
      secret: [{ [SIG]: OUTPUT, value: "s", secret: true }],
      both: { [SIG]: OUTPUT, secret: true },
    };
    assert.deepEqual(downgradeOutputs(outputs), {
      known: { inner: UNKNOWN },
      secret: [makeSecret("s")],
      both: makeSecret(UNKNOWN),
    });
  });

  it("makes output values of secrets and unknowns, and back again", () => {
    const properties = {
      secret: makeSecret({ a: UNKNOWN }),
      unknown: [UNKNOWN],
      plain: "p",
      both: makeSecret(UNKNOWN),
    };
    const upgraded = upgradeToOutputs(properties);
    assert.deepEqual(upgraded, {
      secret: { [SIG]: OUTPUT, secret: true, value: { a: { [SIG]: OUTPUT } } },
      unknown: [{ [SIG]: OUTPUT }],
      plain: "p",
      both: { [SIG]: OUTPUT, secret: true },
    });
    assert.deepEqual(downgradeOutputs(upgraded), properties);
  });

  it("collects the dependencies of output values inside each other", () => {
    const value = [
      { [SIG]: OUTPUT, dependencies: ["a", "b"], value: { [SIG]: OUTPUT, dependencies: ["b", "c"] } },
    ];
    assert.deepEqual([...outputDependencies(value)], ["a", "b", "c"]);
  });
});
