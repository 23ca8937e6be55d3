import assert from "node:assert/strict";
import { checkInputs } from "../../../provider/check";
import { milestone } from "../../../provider/resources/milestone";
import type { Context } from "../../../provider/resource";

const context = {} as Context;
const inputs = { environment: "staging", service: "sample", version: "1.4.0", after: "arn:1" };
const early = { ...inputs, reachedAt: "2026-11-29T10:00:00.000Z" };

describe("provider/resources/milestone", () => {
  it("takes the time when it is reached first", async () => {
    const { reachedAt } = await milestone.create(inputs, context);
    assert.equal(new Date(reachedAt).toISOString(), reachedAt);
  });

  it("keeps the time while the version and what it waits for stay the same", async () => {
    assert.deepEqual(await milestone.update(inputs, early, context), { reachedAt: early.reachedAt });
  });

  it("takes it anew for another version, or when the same one was deployed again", async () => {
    for (const change of [{ version: "1.5.0" }, { after: "arn:2" }]) {
      const { reachedAt } = await milestone.update({ ...inputs, ...change }, early, context);
      assert.notEqual(reachedAt, early.reachedAt);
    }
  });

  it("is one for each service of an environment", () => {
    assert.equal(milestone.id(inputs), "staging/sample");
    assert.deepEqual(
      checkInputs(milestone.schema, { ...inputs, environment: "" }).map(({ property }) => property),
      ["environment"],
    );
  });
});
