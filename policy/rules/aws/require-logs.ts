import { aws } from "../../aws";
import { listOf, notKnown, objectOf, textOf } from "../../known";
import { hasAtLeast, isAtLeast, isTrue, requirementRule } from "../../requirements";
import { amount } from "../../rule";

const options = {
  minRetentionDays: amount("How long logs are kept, in days, at least.", 1, 30),
};

export const requireLogs = requirementRule({
  name: "aws-require-logs",
  displayName: "What happened can be read afterwards",
  description:
    "Logs are written and kept long enough: of services, databases and caches; clusters are measured.",
  severity: "medium",
  enforcementLevel: "mandatory",
  remediationSteps: "Switch the log on, and set retentionInDays; never 0, which keeps them for ever.",
  seed: "Safe deployment workflow, step 7: no new errors in the logs",
  waivable: true,
  options,
  requirements: [
    {
      type: aws.logGroup,
      noun: "Log group",
      property: "retentionInDays",
      isMet: (days, context) => isAtLeast(days, context.options.minRetentionDays),
      fault: "keeps its logs for too short a time, or for ever",
      allowed: ({ minRetentionDays }) => `${minRetentionDays} days or more`,
      equivalents: ["CKV_AWS_66", "CKV_AWS_338", "KICS-ef0b316a"],
    },
    {
      type: aws.ecsCluster,
      noun: "Cluster",
      property: "settings",
      isMet: (settings) => listOf(settings).some(isInsights),
      fault: "measures no tasks",
      allowed: '{ name: "containerInsights", value: "enhanced" } or "enabled" among them',
      equivalents: ["CKV_AWS_65", "AWS-0034"],
    },
    {
      type: aws.database,
      noun: "Database",
      property: "enabledCloudwatchLogsExports",
      isMet: (logs) => hasAtLeast(logs, 1),
      fault: "keeps its log to itself",
      allowed: '["postgresql"], with or without "upgrade"',
      equivalents: ["CKV_AWS_129"],
    },
    {
      type: aws.database,
      noun: "Database",
      property: "performanceInsightsEnabled",
      isMet: isTrue,
      fault: "does not tell which queries are slow",
      allowed: "true",
      equivalents: ["CKV_AWS_353", "AWS-0133"],
    },
    {
      type: aws.databaseParameters,
      noun: "Parameter group",
      property: "parameters",
      isMet: (parameters, _, { family }) =>
        !textOf(family).includes("postgres") || listOf(parameters).some(isQueryLog),
      fault: "logs no slow query",
      allowed: '{ name: "log_min_duration_statement", value: … } among them, in milliseconds',
      equivalents: ["CKV2_AWS_30"],
    },
    {
      type: aws.loadBalancer,
      noun: "Load balancer",
      property: "accessLogs.enabled",
      isMet: isTrue,
      fault: "does not log who asked for what",
      allowed: "true, with a bucket",
      equivalents: ["CKV_AWS_91"],
    },
    {
      type: aws.database,
      noun: "Database",
      property: "monitoringInterval",
      isMet: (seconds) => isAtLeast(seconds, 1),
      fault: "does not measure its host",
      allowed: "1, 5, 10, 15, 30 or 60 seconds",
      equivalents: ["CKV_AWS_118"],
    },
    {
      type: aws.redis,
      noun: "Redis",
      property: "logDeliveryConfigurations",
      isMet: (logs) => hasAtLeast(logs, 1),
      fault: "keeps its log to itself",
      allowed: "the slow log or the engine log, to a log group",
    },
    {
      type: aws.flowLog,
      noun: "Flow log",
      property: "trafficType",
      isMet: (kind) => kind === "ALL" || kind === "REJECT",
      fault: "leaves out what was refused",
      allowed: '"ALL" or "REJECT"',
      equivalents: ["CKV2_AWS_11", "AWS-0178"],
    },
  ],
});

function isInsights(setting: unknown): boolean {
  const { name, value } = objectOf(setting);
  return (
    setting === notKnown || (name === "containerInsights" && (value === "enabled" || value === "enhanced"))
  );
}

function isQueryLog(parameter: unknown): boolean {
  const { name, value } = objectOf(parameter);
  return parameter === notKnown || (name === "log_min_duration_statement" && value !== "-1");
}
