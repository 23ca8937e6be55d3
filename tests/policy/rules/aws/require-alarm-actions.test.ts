import { aws } from "../../../../policy/aws";
import { requireAlarmActions as rule } from "../../../../policy/rules/aws/require-alarm-actions";
import { itJudges } from "../../infrastructure";

describe("aws-require-alarm-actions", () => {
  itJudges(rule, [
    [
      aws.alarm,
      { alarmActions: [] },
      'Alarm "errors" tells nobody (alarmActions: []). Allowed: the ARN of the notifications\' topic. Set alarmActions.',
    ],
    [
      aws.alarm,
      { actionsEnabled: false },
      'Alarm "errors" has its actions switched off (actionsEnabled: false). Allowed: true. Set actionsEnabled.',
    ],
    [
      aws.alarm,
      { treatMissingData: undefined },
      'Alarm "errors" does not say what silence means (treatMissingData: (none)). Allowed: "breaching", "notBreaching", "ignore" or "missing". Set treatMissingData.',
    ],
    [
      aws.compositeAlarm,
      { alarmActions: undefined },
      'Alarm "bad-release" tells nobody (alarmActions: (none)). Allowed: the ARN of the notifications\' topic. Set alarmActions.',
    ],
    [
      aws.compositeAlarm,
      { actionsEnabled: false },
      'Alarm "bad-release" has its actions switched off (actionsEnabled: false). Allowed: true. Set actionsEnabled.',
    ],
  ]);
});
