/** What all alarms have in common. */
import { MetricAlarm, type MetricAlarmArgs } from "@pulumi/aws/cloudwatch/metricAlarm";
import type * as pulumi from "@pulumi/pulumi";

export interface Alarm extends MetricAlarmArgs {
  /** What it watches, in kebab case: the end of its names. */
  readonly role: string;
  readonly alarmDescription: string;
  readonly comparisonOperator: "GreaterThanOrEqualToThreshold" | "GreaterThanThreshold" | "LessThanThreshold";
  readonly threshold: number;
  readonly evaluationPeriods: number;
  /** Chosen for each alarm: what no data says depends on the metric. */
  readonly treatMissingData: "breaching" | "ignore" | "missing" | "notBreaching";
}

/** Makes the alarms, each told to the topic when it goes off and when it is over; answers their names, in the same order. */
export function makeAlarms(
  parent: pulumi.Resource,
  name: string,
  physicalPrefix: string,
  topicArn: pulumi.Input<string>,
  alarms: readonly Alarm[],
): string[] {
  return alarms.map(({ role, ...args }) => {
    const alarmName = `${physicalPrefix}-${role}`;
    new MetricAlarm(
      `${name}-${role}`,
      { name: alarmName, alarmActions: [topicArn], okActions: [topicArn], ...args },
      { parent },
    );
    return alarmName;
  });
}
