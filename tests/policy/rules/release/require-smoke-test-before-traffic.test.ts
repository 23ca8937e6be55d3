import assert from "node:assert/strict";
import { requireSmokeTestBeforeTraffic as rule } from "../../../../policy/rules/release/require-smoke-test-before-traffic";
import { release, rollout } from "../../compliant";
import { judge, notApplicable, unknown } from "../../support";

describe("release-require-smoke-test-before-traffic", () => {
  it("lets a rollout that names its smoke test pass, and is silent about other types", async () => {
    assert.deepEqual(await judge(rule, rollout()), []);
    assert.equal(await judge(rule, release()), notApplicable);
  });

  it("refuses a rollout without one", async () => {
    for (const smokeTest of [undefined, null, "", 7]) {
      assert.deepEqual(await judge(rule, rollout({ smokeTest })), [
        `Rollout "sample" names no smoke test. Allowed: the id of the version's SmokeTest. Set smokeTest to it.`,
      ]);
    }
  });

  it("lets the id of a smoke test that is still to be made pass", async () => {
    assert.deepEqual(await judge(rule, rollout({ smokeTest: unknown })), []);
  });
});
