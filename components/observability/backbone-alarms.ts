import * as pulumi from "@pulumi/pulumi";
import { makeAlarms, type Alarm } from "./alarm";

export interface BackboneAlarmThresholds {
  /** Open connections to Postgres; the instance class's memory sets how many there can be. */
  readonly connections: number;
  readonly freeStorageGb: number;
  readonly cpuPercent: number;
  /** Share of Redis' memory for data that is used, in percent. */
  readonly redisMemoryPercent: number;
  readonly redisLagSeconds: number;
}

export interface BackboneAlarmsArgs {
  readonly prefix: string;
  /** Identifier of the RDS instance. */
  readonly postgresInstance: pulumi.Input<string>;
  readonly redisReplicationGroup: pulumi.Input<string>;
  /** Redis replicas beside the primary. */
  readonly redisReplicas: number;
  readonly topicArn: pulumi.Input<string>;
  readonly thresholds: BackboneAlarmThresholds;
}

/**
 * The alarms of what services share: Postgres' connections, storage and CPU; of every Redis node CPU, memory, evictions and how far behind
 * its primary it is. A standby of Postgres in another zone is synchronous and has no lag to report.
 *
 * They are told to people only. A full disk is no fault of the version being deployed, and rolling it back would not help.
 */
export class BackboneAlarms extends pulumi.ComponentResource {
  constructor(name: string, args: BackboneAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:observability:BackboneAlarms", name, args, opts);
    const nodes = Array.from({ length: args.redisReplicas + 1 }, (_, index) => index + 1);
    makeAlarms(this, name, args.prefix, args.topicArn, [
      ...postgresAlarms(args),
      ...nodes.flatMap((node) => redisAlarms(args, node)),
    ]);
    this.registerOutputs({});
  }
}

const periodSeconds = 300;
const bytesPerGb = 1024 ** 3;

function postgresAlarms(args: BackboneAlarmsArgs): Alarm[] {
  const { connections, freeStorageGb, cpuPercent } = args.thresholds;
  const common = {
    namespace: "AWS/RDS",
    dimensions: { DBInstanceIdentifier: args.postgresInstance },
    period: periodSeconds,
    // An instance that runs reports every minute; one that does not is down.
    treatMissingData: "breaching",
  } as const;
  return [
    {
      ...common,
      role: "postgres-connections",
      alarmDescription: `Fewer than ${connections} connections to Postgres are open`,
      metricName: "DatabaseConnections",
      statistic: "Maximum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: connections,
      evaluationPeriods: 2,
    },
    {
      ...common,
      role: "postgres-storage",
      alarmDescription: `Postgres has ${freeStorageGb} GB or more to grow into`,
      metricName: "FreeStorageSpace",
      statistic: "Minimum",
      comparisonOperator: "LessThanThreshold",
      threshold: freeStorageGb * bytesPerGb,
      evaluationPeriods: 1,
    },
    {
      ...common,
      role: "postgres-cpu",
      alarmDescription: `Postgres uses less than ${cpuPercent} percent of its CPU`,
      metricName: "CPUUtilization",
      statistic: "Average",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: cpuPercent,
      evaluationPeriods: 3,
    },
  ];
}

/** @param node 1 for the primary at creation; after a failover any node can be the primary */
function redisAlarms(args: BackboneAlarmsArgs, node: number): Alarm[] {
  const { cpuPercent, redisMemoryPercent, redisLagSeconds } = args.thresholds;
  // How ElastiCache names the nodes of a group (cluster mode off).
  const id = pulumi.interpolate`${args.redisReplicationGroup}-${String(node).padStart(3, "0")}`;
  const common = {
    namespace: "AWS/ElastiCache",
    dimensions: { CacheClusterId: id },
    period: periodSeconds,
    treatMissingData: "breaching",
  } as const;
  const alarms: Alarm[] = [
    {
      ...common,
      role: `redis-${node}-cpu`,
      alarmDescription: `Redis node ${node} uses less than ${cpuPercent} percent of its one thread`,
      metricName: "EngineCPUUtilization",
      statistic: "Average",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: cpuPercent,
      evaluationPeriods: 3,
    },
    {
      ...common,
      role: `redis-${node}-memory`,
      alarmDescription: `Redis node ${node} uses less than ${redisMemoryPercent} percent of its memory`,
      metricName: "DatabaseMemoryUsagePercentage",
      statistic: "Maximum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: redisMemoryPercent,
      evaluationPeriods: 2,
    },
    {
      ...common,
      role: `redis-${node}-evictions`,
      alarmDescription: `Redis node ${node} evicts no keys: sessions end before their time when it does`,
      metricName: "Evictions",
      statistic: "Sum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      evaluationPeriods: 1,
    },
  ];
  if (args.redisReplicas === 0) return alarms;
  return [
    ...alarms,
    {
      ...common,
      role: `redis-${node}-lag`,
      alarmDescription: `Redis node ${node} is less than ${redisLagSeconds} seconds behind its primary`,
      metricName: "ReplicationLag",
      statistic: "Maximum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: redisLagSeconds,
      evaluationPeriods: 2,
      // The primary has no lag.
      treatMissingData: "notBreaching",
    },
  ];
}
