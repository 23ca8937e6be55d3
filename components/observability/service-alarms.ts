import * as pulumi from "@pulumi/pulumi";
import { makeAlarms, type Alarm } from "./alarm";

export interface ServiceAlarmThresholds {
  /** Share of answers with a 5xx status, in percent. */
  readonly errorPercent: number;
  /** How many requests a minute must have before its share of errors counts. */
  readonly minRequestsPerMinute: number;
  readonly p95Milliseconds: number;
  /** Of what the tasks may use, in percent. */
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  /** Growth of memory within an hour, in points of percent, three hours in a row. */
  readonly memoryGrowthPerHour: number;
}

export interface ServiceAlarmsArgs {
  readonly prefix: string;
  readonly service: string;
  /** Name of the ECS cluster. */
  readonly cluster: string;
  /** Name of the ECS service. */
  readonly serviceName: string;
  /** What CloudWatch knows the load balancer by: `app/<name>/<id>`. */
  readonly gatewaySuffix: pulumi.Input<string>;
  /** What CloudWatch knows the target groups by: `targetgroup/<name>/<id>`. Either may have the traffic. */
  readonly targetGroupSuffixes: Readonly<Record<"blue" | "green", pulumi.Input<string>>>;
  readonly topicArn: pulumi.Input<string>;
  readonly thresholds: ServiceAlarmThresholds;
}

/**
 * The alarms of one service on ECS: share of 5xx answers, 95th percentile, unhealthy targets (each for both target groups), CPU, memory and
 * its growth.
 *
 * `rollbackNames` are those that tell within minutes, for the deployment's alarms with rollback. A leak shows only after hours, so its alarm
 * tells people alone. ECS does not watch a deployment's alarms at all when one is in alarm at its start: the fewer, the better.
 */
export class ServiceAlarms extends pulumi.ComponentResource {
  readonly rollbackNames: readonly string[];

  constructor(name: string, args: ServiceAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:observability:ServiceAlarms", name, args, opts);
    const physicalPrefix = `${args.prefix}-${args.service}`;
    const make = (alarms: readonly Alarm[]) => makeAlarms(this, name, physicalPrefix, args.topicArn, alarms);
    this.rollbackNames = make(deploymentAlarms(args));
    make([memoryGrowth(args)]);
    this.registerOutputs({ rollbackNames: this.rollbackNames });
  }
}

const minuteSeconds = 60;

/** Three of the last five minutes: one bad minute is a restart, and three in five are a fault. */
const threeOfFive = { evaluationPeriods: 5, datapointsToAlarm: 3 };

function deploymentAlarms(args: ServiceAlarmsArgs): Alarm[] {
  const { thresholds } = args;
  const slots = ["blue", "green"] as const;
  return [
    ...slots.map((slot) => errorShare(args, slot)),
    ...slots.map((slot): Alarm => ({
      role: `p95-${slot}`,
      alarmDescription: `95 percent of the answers of ${args.service} (${slot}) take at most ${thresholds.p95Milliseconds} ms`,
      namespace: "AWS/ApplicationELB",
      metricName: "TargetResponseTime",
      dimensions: targetGroup(args, slot),
      period: minuteSeconds,
      extendedStatistic: "p95",
      // A handful of answers has no meaningful percentile.
      evaluateLowSampleCountPercentiles: "ignore",
      comparisonOperator: "GreaterThanThreshold",
      threshold: thresholds.p95Milliseconds / 1_000,
      ...threeOfFive,
      // No answers: the target group has no traffic.
      treatMissingData: "notBreaching",
    })),
    ...slots.map((slot): Alarm => ({
      role: `unhealthy-${slot}`,
      alarmDescription: `Every target of ${args.service} (${slot}) passes its health check`,
      namespace: "AWS/ApplicationELB",
      metricName: "UnHealthyHostCount",
      dimensions: targetGroup(args, slot),
      period: minuteSeconds,
      statistic: "Maximum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      evaluationPeriods: 3,
      // A target group without targets has no such metric.
      treatMissingData: "notBreaching",
    })),
    utilisation(args, "cpu", "CPUUtilization", thresholds.cpuPercent),
    utilisation(args, "memory", "MemoryUtilization", thresholds.memoryPercent),
  ];
}

function errorShare(args: ServiceAlarmsArgs, slot: "blue" | "green"): Alarm {
  const { errorPercent, minRequestsPerMinute } = args.thresholds;
  const sum = (id: string, metricName: string) => ({
    id,
    returnData: false,
    metric: {
      namespace: "AWS/ApplicationELB",
      metricName,
      dimensions: targetGroup(args, slot),
      period: minuteSeconds,
      stat: "Sum",
    },
  });
  return {
    role: `errors-${slot}`,
    alarmDescription: `At most ${errorPercent} percent of the answers of ${args.service} (${slot}) are 5xx`,
    metricQueries: [
      sum("requests", "RequestCount"),
      sum("errors", "HTTPCode_Target_5XX_Count"),
      {
        id: "share",
        label: "5xx answers in percent",
        // The count of errors has no value in a minute without any.
        expression: `IF(requests >= ${minRequestsPerMinute}, 100 * FILL(errors, 0) / requests, 0)`,
        returnData: true,
      },
    ],
    comparisonOperator: "GreaterThanThreshold",
    threshold: errorPercent,
    ...threeOfFive,
    // No requests, no errors.
    treatMissingData: "notBreaching",
  };
}

function utilisation(
  args: ServiceAlarmsArgs,
  role: string,
  metricName: string,
  thresholdPercent: number,
): Alarm {
  return {
    role,
    alarmDescription: `The tasks of ${args.service} use less than ${thresholdPercent} percent of their ${role}`,
    namespace: "AWS/ECS",
    metricName,
    dimensions: { ClusterName: args.cluster, ServiceName: args.serviceName },
    period: minuteSeconds,
    statistic: "Average",
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: thresholdPercent,
    evaluationPeriods: 5,
    // A running service always reports: silence is for the alarms of unhealthy targets and the canary to tell.
    treatMissingData: "missing",
  };
}

function memoryGrowth(args: ServiceAlarmsArgs): Alarm {
  const hourSeconds = 3_600;
  return {
    role: "memory-growth",
    alarmDescription: `The memory of ${args.service} does not grow by ${args.thresholds.memoryGrowthPerHour} points an hour, three hours long`,
    metricQueries: [
      {
        id: "memory",
        returnData: false,
        metric: {
          namespace: "AWS/ECS",
          metricName: "MemoryUtilization",
          dimensions: { ClusterName: args.cluster, ServiceName: args.serviceName },
          period: hourSeconds,
          // Of each hour its lowest: a leak lifts that too, a burst of work does not.
          stat: "Minimum",
        },
      },
      {
        id: "growth",
        label: "growth in points of percent an hour",
        expression: `RATE(memory) * ${hourSeconds}`,
        returnData: true,
      },
    ],
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: args.thresholds.memoryGrowthPerHour,
    evaluationPeriods: 3,
    treatMissingData: "missing",
  };
}

function targetGroup(args: ServiceAlarmsArgs, slot: "blue" | "green") {
  return { LoadBalancer: args.gatewaySuffix, TargetGroup: args.targetGroupSuffixes[slot] };
}
