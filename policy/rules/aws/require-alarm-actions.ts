import { aws } from "../../aws";
import { hasAtLeast, isNotFalse, isSet, requirementRule, type Requirement } from "../../requirements";

const wired = (type: string): Requirement[] => [
  {
    ...{ type, noun: "Alarm", property: "alarmActions", unknownFits: true },
    isMet: (actions) => hasAtLeast(actions, 1),
    fault: "tells nobody",
    allowed: "the ARN of the notifications' topic",
  },
  {
    ...{ type, noun: "Alarm", property: "actionsEnabled", isMet: isNotFalse },
    fault: "has its actions switched off",
    allowed: "true",
    equivalents: ["CKV_AWS_319"],
  },
];

export const requireAlarmActions = requirementRule({
  name: "aws-require-alarm-actions",
  displayName: "An alarm wakes somebody",
  description: "Every alarm is wired to a topic, switched on, and says what missing data means.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Give the alarm the topic of the notifications in alarmActions, and set treatMissingData.",
  seed: "DevOps engineer, phase 6: alerts are configured",
  waivable: true,
  requirements: [
    ...wired(aws.alarm),
    ...wired(aws.compositeAlarm),
    {
      type: aws.alarm,
      noun: "Alarm",
      property: "treatMissingData",
      isMet: isSet,
      fault: "does not say what silence means",
      allowed: '"breaching", "notBreaching", "ignore" or "missing"',
    },
  ],
});
