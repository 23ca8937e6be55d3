import assert from "node:assert/strict";
import { integrityFault } from "../../../engine/state/integrity";
import type { StoredResource } from "../../../engine/state/serialize";

const urn = (name: string) => `urn:pulumi:dev::shop::t::${name}`;
const PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:aws::default";
const provider: StoredResource = { urn: PROVIDER, custom: true, id: "1", type: "pulumi:providers:aws" };
const resource = (name: string, more: Partial<StoredResource> = {}): StoredResource => ({
  urn: urn(name),
  custom: true,
  id: "i",
  type: "t",
  ...more,
});

describe("integrityFault", () => {
  it("finds none where everything comes after what it refers to", () => {
    const a = resource("a", { provider: `${PROVIDER}::1` });
    const b = resource("b", {
      parent: a.urn,
      dependencies: [a.urn],
      propertyDependencies: { x: [a.urn], y: [] },
      deletedWith: a.urn,
      replaceWith: [a.urn],
    });
    assert.equal(integrityFault([provider, a, b]), undefined);
  });

  it("allows several of one URN when at most one is to stay", () => {
    const old = resource("a", { delete: true });
    assert.equal(integrityFault([resource("a"), old, old]), undefined);
    assert.equal(integrityFault([old, old]), undefined);
    assert.equal(
      integrityFault([resource("a"), old, resource("a")]),
      `duplicate resource ${urn("a")} (not marked for deletion)`,
    );
  });

  for (const [field, missing, late] of [
    [
      { parent: urn("b") },
      `child resource ${urn("a")} refers to missing parent ${urn("b")}`,
      `child resource ${urn("a")}'s parent ${urn("b")} comes after it`,
    ],
    [
      { dependencies: [urn("b")] },
      `resource ${urn("a")} refers to missing dependency ${urn("b")}`,
      `resource ${urn("a")}'s dependency ${urn("b")} comes after it`,
    ],
    [
      { propertyDependencies: { x: [urn("b")] } },
      `resource ${urn("a")} refers to missing property dependency ${urn("b")}`,
      `resource ${urn("a")}'s property dependency ${urn("b")} comes after it`,
    ],
    [
      { deletedWith: urn("b") },
      `resource ${urn("a")} is specified as being deleted with ${urn("b")}, which is missing`,
      `resource ${urn("a")} is specified as being deleted with ${urn("b")}, which comes after it`,
    ],
    [
      { replaceWith: [urn("b")] },
      `resource ${urn("a")} is specified as being replaced with ${urn("b")}, which is missing`,
      `resource ${urn("a")} is specified as being replaced with ${urn("b")}, which comes after it`,
    ],
  ] as const) {
    it(`finds a ${Object.keys(field)[0]} that is missing or comes later`, () => {
      const broken = resource("a", field as Partial<StoredResource>);
      assert.equal(integrityFault([broken]), missing);
      assert.equal(integrityFault([broken, resource("b")]), late);
    });
  }

  it("wants the very provider, by id, before its resources, but not for those to be replaced", () => {
    const reference = `${PROVIDER}::2`;
    const lost = resource("a", { provider: reference });
    assert.equal(
      integrityFault([provider, lost]),
      `resource ${urn("a")} refers to unknown provider ${reference}`,
    );
    assert.equal(integrityFault([provider, { ...lost, pendingReplacement: true }]), undefined);
    assert.equal(
      integrityFault([resource("a", { provider: "aws" })]),
      `failed to parse provider reference for resource ${urn("a")}: 'aws' is not <URN>::<ID>`,
    );
  });

  it("wants no id of a component, and a URN of a provider", () => {
    assert.equal(
      integrityFault([resource("a", { custom: false })]),
      `resource '${urn("a")}' has 'custom false but non-empty ID`,
    );
    assert.equal(
      integrityFault([{ ...provider, urn: "aws" }]),
      "provider aws is not referenceable: it has no valid URN",
    );
  });
});
