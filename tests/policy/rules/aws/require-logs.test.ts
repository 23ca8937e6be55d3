import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { requireLogs as rule } from "../../../../policy/rules/aws/require-logs";
import { infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

describe("aws-require-logs", () => {
  itJudges(rule, [
    [
      aws.logGroup,
      { retentionInDays: 0 },
      'Log group "sample-log" keeps its logs for too short a time, or for ever (retentionInDays: 0). Allowed: 30 days or more. Set retentionInDays.',
    ],
    [
      aws.ecsCluster,
      { settings: [{ name: "containerInsights", value: "disabled" }] },
      'Cluster "cluster" measures no tasks (settings: [{"name":"containerInsights","value":"disabled"}]). Allowed: { name: "containerInsights", value: "enhanced" } or "enabled" among them. Set settings.',
    ],
    [
      aws.database,
      { enabledCloudwatchLogsExports: undefined },
      'Database "postgres" keeps its log to itself (enabledCloudwatchLogsExports: (none)). Allowed: ["postgresql"], with or without "upgrade". Set enabledCloudwatchLogsExports.',
    ],
    [
      aws.database,
      { performanceInsightsEnabled: false },
      'Database "postgres" does not tell which queries are slow (performanceInsightsEnabled: false). Allowed: true. Set performanceInsightsEnabled.',
    ],
    [
      aws.databaseParameters,
      { parameters: [{ name: "log_min_duration_statement", value: "-1" }] },
      'Parameter group "postgres-settings" logs no slow query (parameters: [{"name":"log_min_duration_statement","value":"-1"}]). Allowed: { name: "log_min_duration_statement", value: … } among them, in milliseconds. Set parameters.',
    ],
    [
      aws.loadBalancer,
      { accessLogs: undefined },
      'Load balancer "internal-gateway" does not log who asked for what (accessLogs.enabled: (none)). Allowed: true, with a bucket. Set accessLogs.enabled.',
    ],
    [
      aws.database,
      { monitoringInterval: 0 },
      'Database "postgres" does not measure its host (monitoringInterval: 0). Allowed: 1, 5, 10, 15, 30 or 60 seconds. Set monitoringInterval.',
    ],
    [
      aws.redis,
      { logDeliveryConfigurations: [] },
      'Redis "redis" keeps its log to itself (logDeliveryConfigurations: []). Allowed: the slow log or the engine log, to a log group. Set logDeliveryConfigurations.',
    ],
    [
      aws.flowLog,
      { trafficType: "ACCEPT" },
      'Flow log "flow" leaves out what was refused (trafficType: "ACCEPT"). Allowed: "ALL" or "REJECT". Set trafficType.',
    ],
  ]);

  it("takes the days from its configuration", async () => {
    assert.deepEqual(await judge(rule, infrastructure(aws.logGroup), { config: { minRetentionDays: 365 } }), [
      'Log group "sample-log" keeps its logs for too short a time, or for ever (retentionInDays: 30). Allowed: 365 days or more. Set retentionInDays.',
    ]);
  });
});
