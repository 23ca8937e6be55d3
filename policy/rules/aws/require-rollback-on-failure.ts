import { aws } from "../../aws";
import { objectOf, textOf } from "../../known";
import {
  hasAtLeast,
  isAtLeast,
  isNotTrue,
  isTrue,
  requirementRule,
  type Requirement,
} from "../../requirements";

const switchedOn = (property: string, fault: string, equivalents: string[] = []): Requirement => ({
  ...{ type: aws.ecsService, noun: "Service", property, fault, equivalents, isMet: isTrue, allowed: "true" },
});

/** The circuit breaker is one of rolling deployments; the other strategies have their hooks and alarms. */
const whenRolling = (property: string, fault: string): Requirement => ({
  ...switchedOn(property, fault),
  isMet: (value, _, { deploymentConfiguration }) =>
    value === true || !["", "ROLLING"].includes(textOf(objectOf(deploymentConfiguration)["strategy"])),
});

export const requireRollbackOnFailure = requirementRule({
  name: "aws-require-rollback-on-failure",
  displayName: "A failed deployment goes back by itself",
  description:
    "Services have the circuit breaker and alarms on, both with rollback, and keep all tasks while new ones start.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Set deploymentCircuitBreaker and alarms, each with enable and rollback, and name the service's alarms.",
  seed: "DevOps engineer, rollback protocol: back to the version before within five minutes",
  waivable: true,
  requirements: [
    whenRolling("deploymentCircuitBreaker.enable", "goes on with a deployment whose tasks do not start"),
    whenRolling("deploymentCircuitBreaker.rollback", "stays on a deployment that failed"),
    switchedOn("alarms.enable", "goes on with a deployment while its alarms ring"),
    switchedOn("alarms.rollback", "stays on a deployment that rang its alarms"),
    {
      type: aws.ecsService,
      noun: "Service",
      property: "alarms.alarmNames",
      isMet: (names) => hasAtLeast(names, 1),
      unknownFits: true,
      fault: "watches no alarm while it is deployed",
      allowed: "the names of the service's alarms",
    },
    {
      type: aws.ecsService,
      noun: "Service",
      property: "deploymentMinimumHealthyPercent",
      isMet: (percent) => percent === undefined || isAtLeast(percent, 100),
      fault: "takes tasks away before their successors work",
      allowed: "100 or more, or nothing for 100",
    },
    {
      type: aws.ecsService,
      noun: "Service",
      property: "enableExecuteCommand",
      isMet: isNotTrue,
      fault: "lets people into its tasks, past every gate",
      allowed: "false",
      equivalents: ["CKV_AWS_223"],
    },
    {
      type: aws.ecsService,
      noun: "Service",
      property: "platformVersion",
      isMet: (version) => version === undefined || version === "LATEST",
      fault: "is held on an old platform, without its security fixes",
      allowed: '"LATEST", or nothing',
      equivalents: ["CKV_AWS_332"],
    },
  ],
});
