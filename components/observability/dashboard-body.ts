/** What an environment's dashboard shows, as CloudWatch's dashboard JSON. */

export interface DashboardSubject {
  readonly region: string;
  readonly service: string;
  readonly cluster: string;
  readonly serviceName: string;
  readonly gatewaySuffix: string;
  readonly targetGroupSuffixes: Readonly<Record<"blue" | "green", string>>;
  readonly postgresInstance: string;
  readonly redisReplicationGroup: string;
  readonly canaryName: string;
}

type Metric = readonly (string | Readonly<Record<string, string | number | boolean>>)[];

interface Widget {
  readonly title: string;
  readonly stat: string;
  readonly metrics: readonly Metric[];
}

/** Three widgets a row of 24 columns, each eight wide and six high; every graph by minutes. */
export function dashboardBody(subject: DashboardSubject): object {
  return {
    widgets: widgets(subject).map(({ title, stat, metrics }, index) => ({
      type: "metric",
      x: (index % 3) * 8,
      y: Math.floor(index / 3) * 6,
      width: 8,
      height: 6,
      properties: { title, stat, metrics, region: subject.region, period: 60, view: "timeSeries" },
    })),
  };
}

function widgets(subject: DashboardSubject): Widget[] {
  const { service, gatewaySuffix, targetGroupSuffixes } = subject;
  const bySlot = (metric: string): Metric[] =>
    (["blue", "green"] as const).map((slot) => [
      "AWS/ApplicationELB",
      metric,
      "LoadBalancer",
      gatewaySuffix,
      "TargetGroup",
      targetGroupSuffixes[slot],
      { label: slot, color: slot === "blue" ? "#1f77b4" : "#2ca02c" },
    ]);
  const ecs = (metric: string): Metric => [
    "AWS/ECS",
    metric,
    "ClusterName",
    subject.cluster,
    "ServiceName",
    subject.serviceName,
  ];
  const rds = (metric: string): Metric => [
    "AWS/RDS",
    metric,
    "DBInstanceIdentifier",
    subject.postgresInstance,
  ];
  const redis = (metric: string): Metric => [
    "AWS/ElastiCache",
    metric,
    "CacheClusterId",
    `${subject.redisReplicationGroup}-001`,
  ];
  return [
    { title: `${service}: requests a minute`, stat: "Sum", metrics: bySlot("RequestCount") },
    { title: `${service}: 5xx answers a minute`, stat: "Sum", metrics: bySlot("HTTPCode_Target_5XX_Count") },
    {
      title: `${service}: 95th percentile in seconds`,
      stat: "p95",
      metrics: bySlot("TargetResponseTime"),
    },
    { title: `${service}: healthy targets`, stat: "Minimum", metrics: bySlot("HealthyHostCount") },
    {
      title: `${service}: CPU and memory in percent`,
      stat: "Average",
      metrics: [ecs("CPUUtilization"), ecs("MemoryUtilization")],
    },
    {
      title: "Key flows that passed, in percent",
      stat: "Average",
      metrics: [["CloudWatchSynthetics", "SuccessPercent", "CanaryName", subject.canaryName]],
    },
    { title: "Postgres: connections", stat: "Maximum", metrics: [rds("DatabaseConnections")] },
    { title: "Postgres: CPU in percent", stat: "Average", metrics: [rds("CPUUtilization")] },
    { title: "Postgres: free storage in bytes", stat: "Minimum", metrics: [rds("FreeStorageSpace")] },
    {
      title: "Redis: memory and CPU in percent",
      stat: "Maximum",
      metrics: [redis("DatabaseMemoryUsagePercentage"), redis("EngineCPUUtilization")],
    },
    { title: "Redis: evicted keys", stat: "Sum", metrics: [redis("Evictions")] },
  ];
}
