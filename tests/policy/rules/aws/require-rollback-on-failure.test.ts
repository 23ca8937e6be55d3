import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { requireRollbackOnFailure as rule } from "../../../../policy/rules/aws/require-rollback-on-failure";
import { infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

describe("aws-require-rollback-on-failure", () => {
  itJudges(rule, [
    [
      aws.ecsService,
      { deploymentCircuitBreaker: { enable: false, rollback: true } },
      'Service "sample" goes on with a deployment whose tasks do not start (deploymentCircuitBreaker.enable: false). Allowed: true. Set deploymentCircuitBreaker.enable.',
    ],
    [
      aws.ecsService,
      { deploymentCircuitBreaker: { enable: true, rollback: false } },
      'Service "sample" stays on a deployment that failed (deploymentCircuitBreaker.rollback: false). Allowed: true. Set deploymentCircuitBreaker.rollback.',
    ],
    [
      aws.ecsService,
      { alarms: { enable: false, rollback: true, alarmNames: ["errors"] } },
      'Service "sample" goes on with a deployment while its alarms ring (alarms.enable: false). Allowed: true. Set alarms.enable.',
    ],
    [
      aws.ecsService,
      { alarms: { enable: true, alarmNames: ["errors"] } },
      'Service "sample" stays on a deployment that rang its alarms (alarms.rollback: (none)). Allowed: true. Set alarms.rollback.',
    ],
    [
      aws.ecsService,
      { alarms: { enable: true, rollback: true, alarmNames: [] } },
      'Service "sample" watches no alarm while it is deployed (alarms.alarmNames: []). Allowed: the names of the service\'s alarms. Set alarms.alarmNames.',
    ],
    [
      aws.ecsService,
      { deploymentMinimumHealthyPercent: 50 },
      'Service "sample" takes tasks away before their successors work (deploymentMinimumHealthyPercent: 50). Allowed: 100 or more, or nothing for 100. Set deploymentMinimumHealthyPercent.',
    ],
    [
      aws.ecsService,
      { enableExecuteCommand: true },
      'Service "sample" lets people into its tasks, past every gate (enableExecuteCommand: true). Allowed: false. Set enableExecuteCommand.',
    ],
    [
      aws.ecsService,
      { platformVersion: "1.3.0" },
      'Service "sample" is held on an old platform, without its security fixes (platformVersion: "1.3.0"). Allowed: "LATEST", or nothing. Set platformVersion.',
    ],
  ]);

  it("asks no circuit breaker of a strategy that is not rolling", async () => {
    const canary = { deploymentConfiguration: { strategy: "CANARY" }, deploymentCircuitBreaker: {} };
    assert.deepEqual(await judge(rule, infrastructure(aws.ecsService, canary)), []);
  });
});
