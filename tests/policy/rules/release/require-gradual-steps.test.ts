import assert from "node:assert/strict";
import { requireGradualSteps as rule } from "../../../../policy/rules/release/require-gradual-steps";
import { container, rollout } from "../../compliant";
import { productionRelease } from "../../gates";
import { judge, notApplicable, unknown } from "../../support";

const canary = (...steps: unknown[]) => ({ strategy: { kind: "canary", steps } });

describe("release-require-gradual-steps", () => {
  it("lets small rising steps pass, and strategies that have none", async () => {
    for (const changes of [canary(5, 25, 50, 100), canary(10, 100), { strategy: { kind: "direct" } }]) {
      assert.deepEqual(await judge(rule, productionRelease(changes)), []);
      assert.deepEqual(await judge(rule, rollout(changes)), []);
    }
    assert.equal(await judge(rule, container()), notApplicable);
  });

  it("finds a big first step, of the release and of the rollout alike", async () => {
    const fault = (name: string): string =>
      `"${name}" gives its canary 50 percent at once. Allowed: 10 at most. Set steps such as [5, 25, 50, 100].`;
    assert.deepEqual(await judge(rule, productionRelease(canary(50, 100))), [fault("sample-release")]);
    assert.deepEqual(await judge(rule, rollout(canary(50, 100))), [fault("sample")]);
    const config = { maxFirstPercent: 50 };
    assert.deepEqual(await judge(rule, rollout(canary(50, 100)), { config }), []);
  });

  it("finds steps that fall, stand still, or do not end at all of the traffic", async () => {
    for (const steps of [
      [5, 50, 25, 100],
      [5, 5, 100],
      [5, 50],
    ]) {
      assert.deepEqual(await judge(rule, rollout(canary(...steps))), [
        `"sample" has the canary steps ${JSON.stringify(steps)}. Allowed: rising, and 100 at the end. Set steps such as [5, 25, 50, 100].`,
      ]);
    }
    assert.equal((await judge(rule, rollout(canary()))).length, 2);
    assert.equal((await judge(rule, rollout(canary("5", "x", 100)))).length, 1);
  });

  it("is closed to what is not known", async () => {
    assert.match(
      String(await judge(rule, rollout(canary(unknown, 100)))),
      /"sample" does not know strategy\.steps\[0\] before the update\./,
    );
  });
});
