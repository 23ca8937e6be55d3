import assert from "node:assert/strict";
import { wayBack, type Memory } from "../../pipeline/rollback";

const memory = (over: Partial<Memory> = {}): Memory => ({
  gateway: "slipway-gateway",
  live: "1.2.0",
  previous: "1.1.0",
  versions: ["1.2.0", "1.1.0", "1.0.0"].map((version) => ({ version, contracted: [] })),
  held: [],
  ...over,
});

describe("pipeline/rollback", () => {
  it("goes back to the version before, by itself", () => {
    assert.equal(wayBack(memory(), undefined), "1.1.0");
  });

  it("goes to the version that is asked for", () => {
    assert.equal(wayBack(memory(), "1.0.0"), "1.0.0");
  });

  it("does not go back to a version that was rolled back from, and names the others", () => {
    assert.throws(
      () => wayBack(memory({ live: "1.1.0", previous: "1.2.0", held: [{ version: "1.2.0" }] }), undefined),
      {
        message:
          "The version before 1.1.0 is 1.2.0, which is held: it was rolled back from. Name the version with --to; not held: 1.0.0.",
      },
    );
  });

  it("says when there is nothing to go back to", () => {
    assert.throws(() => wayBack(memory({ previous: null }), undefined), {
      message: "1.2.0 is the first version of this stack: there is nothing to go back to.",
    });
  });
});
