import { releaseType } from "../../gate";
import { textOf } from "../../known";
import { stackRule, texts } from "../../rule";

/** Whether an alarm tells somebody is a rule of its own (aws-require-alarm-actions). */
export const requireAlarms = stackRule({
  name: "release-require-alarms",
  displayName: "The alarms cannot be left out",
  description: "A stack that people depend on has alarms.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps: "Declare the alarms (components/observability).",
  seed: "DevOps engineer, quality gate: health checks and alerting configured",
  unknown: "fits",
  waivable: true,
  options: {
    environments: texts("The environments whose stacks are asked for this.", ["staging", "production"]),
  },
  *check(resources, { options }) {
    const release = resources.find(({ type }) => type === releaseType);
    const asked = options.environments.includes(textOf(release?.properties["environment"]));
    if (!asked || resources.some(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm")) return;
    yield {
      message: `The stack has no alarm, so nobody hears when it fails. Allowed: at least one. Declare the alarms (components/observability).`,
    };
  },
});
