import assert from "node:assert/strict";
import fc from "fast-check";
import { diffResource } from "../../provider/diff";
import { backend } from "../../provider/resources/backend";
import { release } from "../../provider/resources/release";
import { rollout } from "../../provider/resources/rollout";
import type { Properties, Value } from "../../engine/values";
import { UNKNOWN, makeSecret } from "../../engine/values";

const inputs: Properties = {
  ...{ gateway: "g", service: "sample", pathPrefix: "/", version: "1.0.0" },
  ...{ strategy: { kind: "direct" }, smokeTest: "sample-1.0.0" },
};
const state: Properties = { ...inputs, live: "1.0.0" };
const update = { kind: "update", inputDiff: true };

describe("diff", () => {
  it("finds no difference between equal inputs, whatever is in them", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const same = { version: "1.0.0", value: value as Value };
        const copy = JSON.parse(JSON.stringify(same)) as Properties;
        assert.equal(diffResource({ identity: ["value"] }, same, {}, copy).changes, "none");
      }),
    );
  });

  it("shows a shift as an update of the version, and another service as another Rollout", () => {
    const shift = diffResource(rollout, inputs, state, { ...inputs, version: "2.0.0", smokeTest: UNKNOWN });
    assert.deepEqual(shift, {
      ...{ changes: "some", replaces: [], deleteBeforeReplace: false, diffs: ["version", "smokeTest"] },
      detailedDiff: { version: update, smokeTest: update },
    });
    const other = diffResource(rollout, inputs, state, { ...inputs, service: "other" });
    assert.deepEqual(other.replaces, ["service"]);
    assert.deepEqual(other.detailedDiff, { service: { kind: "update-replace", inputDiff: true } });
  });

  it("goes into lists and objects, and tells what was added and what went", () => {
    const servers = [{ name: "s1", container: "a", port: 1 }];
    const now = [
      { name: "s1", container: "b", port: 1 },
      { name: "s2", container: "c", port: 1 },
    ];
    assert.deepEqual(diffResource(backend, { servers }, { servers }, { servers: now }).detailedDiff, {
      "servers[0].container": update,
      "servers[1]": { kind: "add", inputDiff: true },
    });
    const old = { commit: "a", images: { app: "x", "old one": "y" } };
    assert.deepEqual(diffResource(release, old, {}, { commit: "b", images: { app: "x" } }), {
      ...{ changes: "some", replaces: ["commit"], deleteBeforeReplace: false, diffs: ["commit", "images"] },
      detailedDiff: {
        commit: { kind: "update-replace", inputDiff: true },
        'images["old one"]': { kind: "delete", inputDiff: true },
      },
    });
  });

  it("shows where the gateway drifted from what is asked for, unless that changes anyway", () => {
    const drifted = { ...state, version: "0.9.0", live: "0.9.0" };
    assert.deepEqual(diffResource(rollout, inputs, drifted, inputs).detailedDiff, {
      version: { kind: "update", inputDiff: false },
    });
    assert.deepEqual(diffResource(rollout, inputs, drifted, { ...inputs, version: "2.0.0" }).detailedDiff, {
      version: update,
    });
  });

  it("does not take for a change that a value became a secret, or is none any more", () => {
    const secret = { ...inputs, pathPrefix: makeSecret("/") };
    assert.equal(diffResource(rollout, inputs, state, secret).changes, "none");
    assert.equal(diffResource(rollout, secret, state, inputs).changes, "none");
  });
});
