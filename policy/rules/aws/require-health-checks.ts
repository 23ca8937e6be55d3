import { aws } from "../../aws";
import { hasAtLeast, isAtLeast, isNotFalse, isSet, requirementRule } from "../../requirements";

export const requireHealthChecks = requirementRule({
  name: "aws-require-health-checks",
  displayName: "The gateway knows which tasks work",
  description:
    "Every target group asks its tasks whether they work, at a path of their own, and new tasks get time to start.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Set healthCheck.path to the path that answers 200 only when the service can work, such as /readyz.",
  seed: "DevOps engineer, quality gate: health checks and alerting are configured",
  waivable: true,
  requirements: [
    {
      type: aws.targetGroup,
      noun: "Target group",
      property: "healthCheck.enabled",
      isMet: isNotFalse,
      fault: "sends traffic to tasks that do not work",
      allowed: "true",
      equivalents: ["CKV_AWS_261"],
    },
    {
      type: aws.targetGroup,
      noun: "Target group",
      property: "healthCheck.path",
      isMet: (path, _, { protocol }) => isSet(path) || (protocol !== "HTTP" && protocol !== "HTTPS"),
      fault: "asks for /, which says nothing about the service",
      allowed: "a path such as /readyz",
      equivalents: ["CKV_AWS_261"],
    },
    {
      type: aws.ecsService,
      noun: "Service",
      property: "healthCheckGracePeriodSeconds",
      isMet: (seconds, _, { loadBalancers }) => !hasAtLeast(loadBalancers, 1) || isAtLeast(seconds, 1),
      fault: "gives new tasks no time to start before the gateway's checks count",
      allowed: "1 or more",
    },
  ],
});
