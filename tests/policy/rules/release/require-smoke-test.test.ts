import assert from "node:assert/strict";
import { requireSmokeTest as rule } from "../../../../policy/rules/release/require-smoke-test";
import { release, rollout, smokeTest } from "../../compliant";
import { ecsService, invocation } from "../../gates";
import { judgeStack } from "../../support";

const fault = (name: string): [string, string] => [
  name,
  `"${name}" gets traffic that no smoke test stands before. Allowed: with one. Declare it.`,
];

describe("release-require-smoke-test", () => {
  it("lets a tested rollout pass, a hooked service, and one that a function tested before", async () => {
    assert.deepEqual(await judgeStack(rule, [release(), smokeTest(), rollout()]), []);
    assert.deepEqual(await judgeStack(rule, [release(), ecsService("POST_TEST_TRAFFIC_SHIFT")]), []);
    assert.deepEqual(
      await judgeStack(rule, [release(), invocation, { ...ecsService(), dependsOn: [invocation] }]),
      [],
    );
  });

  it("finds traffic without a test: a hook at another stage, or a pause, is none", async () => {
    assert.deepEqual(await judgeStack(rule, [release(), rollout(), ecsService()]), [
      fault("sample"),
      fault("service"),
    ]);
    assert.deepEqual(await judgeStack(rule, [ecsService("PRE_SCALE_UP")]), [fault("service")]);
    assert.deepEqual(await judgeStack(rule, [ecsService("POST_TEST_TRAFFIC_SHIFT", "PAUSE")]), [
      fault("service"),
    ]);
  });

  it("asks nothing of a rollback", async () => {
    assert.deepEqual(await judgeStack(rule, [release({ rollback: true }), rollout(), ecsService()]), []);
  });
});
