import assert from "node:assert/strict";
import { BackboneAlarms } from "../../../components/observability/backbone-alarms";
import { LogErrors } from "../../../components/observability/log-errors";
import { ServiceAlarms } from "../../../components/observability/service-alarms";
import { declaredBy, type Declared } from "../../support/mocks";

const alarmsIn = (declared: Declared[]): Map<string, Record<string, unknown>> =>
  new Map(
    declared
      .filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm")
      .map(({ name, inputs }) => [name, inputs]),
  );

describe("alarms of a service", () => {
  let alarms: Map<string, Record<string, unknown>>;
  let rollbackNames: readonly string[];
  before(async () => {
    const declared = await declaredBy(() => {
      ({ rollbackNames } = new ServiceAlarms("sample-alarms", {
        prefix: "slipway-staging",
        service: "sample",
        cluster: "slipway-staging",
        serviceName: "slipway-staging-sample",
        gatewaySuffix: "app/slipway-staging/1",
        targetGroupSuffixes: { blue: "targetgroup/b/1", green: "targetgroup/g/1" },
        topicArn: "arn:topic",
        thresholds: {
          errorPercent: 1,
          minRequestsPerMinute: 20,
          p95Milliseconds: 500,
          cpuPercent: 85,
          memoryPercent: 90,
          memoryGrowthPerHour: 2,
        },
      }));
    });
    alarms = alarmsIn(declared);
  });

  it("names for the rollback those that tell within minutes, and no other", () => {
    assert.deepEqual(rollbackNames, [
      "slipway-staging-sample-errors-blue",
      "slipway-staging-sample-errors-green",
      "slipway-staging-sample-p95-blue",
      "slipway-staging-sample-p95-green",
      "slipway-staging-sample-unhealthy-blue",
      "slipway-staging-sample-unhealthy-green",
      "slipway-staging-sample-cpu",
      "slipway-staging-sample-memory",
    ]);
    const all = [...alarms.values()].map(({ name }) => name);
    assert.deepEqual(all.sort(), [...rollbackNames, "slipway-staging-sample-memory-growth"].sort());
  });

  it("tells the topic of every alarm, and of its end", () => {
    for (const [name, { alarmActions, okActions }] of alarms) {
      assert.deepEqual([alarmActions, okActions], [["arn:topic"], ["arn:topic"]], name);
    }
  });

  it("weighs 5xx answers against requests, and lets a quiet minute pass", () => {
    assert.deepEqual(alarms.get("sample-alarms-errors-green"), {
      name: "slipway-staging-sample-errors-green",
      alarmActions: ["arn:topic"],
      okActions: ["arn:topic"],
      alarmDescription: "At most 1 percent of the answers of sample (green) are 5xx",
      metricQueries: [
        {
          id: "requests",
          returnData: false,
          metric: {
            namespace: "AWS/ApplicationELB",
            metricName: "RequestCount",
            dimensions: { LoadBalancer: "app/slipway-staging/1", TargetGroup: "targetgroup/g/1" },
            period: 60,
            stat: "Sum",
          },
        },
        {
          id: "errors",
          returnData: false,
          metric: {
            namespace: "AWS/ApplicationELB",
            metricName: "HTTPCode_Target_5XX_Count",
            dimensions: { LoadBalancer: "app/slipway-staging/1", TargetGroup: "targetgroup/g/1" },
            period: 60,
            stat: "Sum",
          },
        },
        {
          id: "share",
          label: "5xx answers in percent",
          expression: "IF(requests >= 20, 100 * FILL(errors, 0) / requests, 0)",
          returnData: true,
        },
      ],
      comparisonOperator: "GreaterThanThreshold",
      threshold: 1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: "notBreaching",
    });
  });

  it("compares the 95th percentile in seconds", () => {
    const { extendedStatistic, threshold, metricName } = alarms.get("sample-alarms-p95-blue") ?? {};
    assert.deepEqual([metricName, extendedStatistic, threshold], ["TargetResponseTime", "p95", 0.5]);
  });

  it("watches three hours for memory that only grows", () => {
    const { metricQueries, threshold, evaluationPeriods } = alarms.get("sample-alarms-memory-growth") ?? {};
    const [memory, growth] = metricQueries as {
      metric?: { period: number; stat: string };
      expression?: string;
    }[];
    assert.deepEqual(
      [memory?.metric?.period, memory?.metric?.stat, growth?.expression, threshold, evaluationPeriods],
      [3_600, "Minimum", "RATE(memory) * 3600", 2, 3],
    );
  });
});

describe("alarms of the backbone", () => {
  const declare = async (redisReplicas: number): Promise<Map<string, Record<string, unknown>>> =>
    alarmsIn(
      await declaredBy(
        () =>
          new BackboneAlarms("backbone-alarms", {
            prefix: "slipway-staging",
            postgresInstance: "slipway-staging-postgres",
            redisReplicationGroup: "slipway-staging-redis",
            redisReplicas,
            topicArn: "arn:topic",
            thresholds: {
              connections: 80,
              freeStorageGb: 5,
              cpuPercent: 80,
              redisMemoryPercent: 75,
              redisLagSeconds: 5,
            },
          }),
      ),
    );

  it("watches Postgres, and every Redis node by its own id, with its lag", async () => {
    const alarms = await declare(1);
    assert.deepEqual(
      [...alarms].map(([name, { metricName, dimensions, threshold }]) => [
        name,
        metricName,
        Object.values(dimensions as object),
        threshold,
      ]),
      [
        ["backbone-alarms-postgres-connections", "DatabaseConnections", ["slipway-staging-postgres"], 80],
        ["backbone-alarms-postgres-storage", "FreeStorageSpace", ["slipway-staging-postgres"], 5_368_709_120],
        ["backbone-alarms-postgres-cpu", "CPUUtilization", ["slipway-staging-postgres"], 80],
        ["backbone-alarms-redis-1-cpu", "EngineCPUUtilization", ["slipway-staging-redis-001"], 80],
        [
          "backbone-alarms-redis-1-memory",
          "DatabaseMemoryUsagePercentage",
          ["slipway-staging-redis-001"],
          75,
        ],
        ["backbone-alarms-redis-1-evictions", "Evictions", ["slipway-staging-redis-001"], 1],
        ["backbone-alarms-redis-1-lag", "ReplicationLag", ["slipway-staging-redis-001"], 5],
        ["backbone-alarms-redis-2-cpu", "EngineCPUUtilization", ["slipway-staging-redis-002"], 80],
        [
          "backbone-alarms-redis-2-memory",
          "DatabaseMemoryUsagePercentage",
          ["slipway-staging-redis-002"],
          75,
        ],
        ["backbone-alarms-redis-2-evictions", "Evictions", ["slipway-staging-redis-002"], 1],
        ["backbone-alarms-redis-2-lag", "ReplicationLag", ["slipway-staging-redis-002"], 5],
      ],
    );
  });

  it("has no lag to watch on a single Redis node", async () => {
    const names = [...(await declare(0)).keys()];
    assert.deepEqual(
      names.filter((name) => name.includes("redis")),
      ["backbone-alarms-redis-1-cpu", "backbone-alarms-redis-1-memory", "backbone-alarms-redis-1-evictions"],
    );
  });

  it("takes silence for a fault, but of the lag that a primary does not have", async () => {
    for (const [name, { treatMissingData }] of await declare(1)) {
      assert.equal(treatMissingData, name.endsWith("-lag") ? "notBreaching" : "breaching", name);
    }
  });
});

describe("errors in a service's log", () => {
  it("counts the lines that the service logs with level error", async () => {
    const declared = await declaredBy(
      () =>
        new LogErrors("sample-log", {
          prefix: "slipway-staging",
          service: "sample",
          logGroupName: "/slipway-staging/sample",
          topicArn: "arn:topic",
          maxErrors: 5,
        }),
    );
    const inputs = (wanted: string) => declared.find(({ name }) => name === wanted)?.inputs;
    assert.deepEqual(inputs("sample-log-filter"), {
      name: "slipway-staging-sample-errors",
      logGroupName: "/slipway-staging/sample",
      pattern: '{ $.level = "error" }',
      metricTransformation: {
        namespace: "slipway-staging/sample",
        name: "Errors",
        value: "1",
        defaultValue: "0",
        unit: "Count",
      },
    });
    const { namespace, metricName, threshold } = inputs("sample-log-log-errors") ?? {};
    assert.deepEqual([namespace, metricName, threshold], ["slipway-staging/sample", "Errors", 5]);
  });
});
