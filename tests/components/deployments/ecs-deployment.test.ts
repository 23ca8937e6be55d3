import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { EcsCluster } from "../../../components/deployments/ecs-cluster";
import { EcsDeployment, type EcsDeploymentArgs } from "../../../components/deployments/ecs-deployment";
import { EcsRoutes } from "../../../components/deployments/ecs-routes";
import { awsPlatform } from "../../support/aws-platform";
import { type Declared, declaredBy } from "../../support/mocks";

const arn = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:123456789012:${rest}`;
const cluster = { name: "slipway-staging", arn: pulumi.output(arn("ecs", "cluster/slipway-staging")) };
const requested = arn("ecs", "taskDefinition/sample-task");
const image = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/sample@sha256:${"a".repeat(64)}`;

const routes = {
  blueArn: pulumi.output("blue-arn"),
  greenArn: pulumi.output("green-arn"),
  blueSuffix: pulumi.output("targetgroup/blue/1"),
  greenSuffix: pulumi.output("targetgroup/green/2"),
  productionRuleArn: pulumi.output("production-arn"),
  testRuleArn: pulumi.output("test-arn"),
};

function deploymentArgs(): EcsDeploymentArgs {
  return {
    ...{ prefix: "slipway-staging", service: "sample", platform: awsPlatform(), cluster, routes },
    strategy: { kind: "canary", steps: [5, 100], bakeSeconds: 600, sticky: false },
    target: {
      version: "1.4.0",
      image,
      commit: "c".repeat(40),
      ...{ cpu: 256, memoryMb: 512, drainSeconds: 30 },
      featureFlags: { newestLast: true },
      toggles: { announcements: "live" },
    },
    ...{ previousVersion: "1.3.0", rollback: false, replicas: 2, maxReplicas: 6 },
    alarmNames: ["slipway-staging-sample-errors"],
    migrations: { run: ["npm", "run", "migration:run", "--"] },
    backup: { keepDays: 30 },
    ...{ migrationTimeoutSeconds: 600, approval: "none", logRetentionDays: 30 },
    alarmsTopicArn: arn("sns", "alarms"),
  };
}

interface Deployed {
  readonly declared: Declared[];
  readonly outputs: Record<string, unknown>;
  readonly inputs: (type: string, name: string) => Record<string, unknown>;
}

async function deploy(change: Partial<EcsDeploymentArgs> = {}, running = requested): Promise<Deployed> {
  const outputs: Record<string, unknown> = {};
  const declared = await declaredBy(
    () => {
      const { live, previous, deployedAt } = new EcsDeployment("sample", { ...deploymentArgs(), ...change });
      pulumi.all({ live, previous, deployedAt }).apply((values) => Object.assign(outputs, values));
    },
    "staging",
    {
      "aws:ecs/getService:getService": {
        taskDefinition: running,
        deployments: [{ status: "PRIMARY", createdAt: "2026-11-30T10:00:00Z" }],
      },
    },
  );
  const inputs = (type: string, name: string) => {
    const found = declared.find((each) => each.type.startsWith(`aws:${type}`) && each.name === name);
    assert.ok(found, `${type} ${name} is declared`);
    return found.inputs;
  };
  return { declared, outputs, inputs };
}

/** Action and resource of each statement in a policy. */
function statements(inputs: Record<string, unknown>): [string[], string[]][] {
  const document = JSON.parse(inputs["policy"] as string) as {
    Statement: { Action: string[]; Resource: string[] }[];
  };
  return document.Statement.map(({ Action, Resource }) => [Action, Resource]);
}

describe("EcsDeployment", () => {
  let canary: Deployed;
  before(async () => {
    canary = await deploy();
  });

  it("answers which version is live, which was, and when ECS began", () => {
    assert.deepEqual(canary.outputs, {
      live: "1.4.0",
      previous: "1.3.0",
      deployedAt: "2026-11-30T10:00:00.000Z",
    });
  });

  it("runs tasks that may do nothing, on a read-only root, with secrets by name alone", () => {
    const { containerDefinitions, ...task } = canary.inputs("ecs/taskDefinition", "sample-task");
    assert.deepEqual(task, {
      family: "slipway-staging-sample",
      ...{ cpu: "256", memory: "512", networkMode: "awsvpc", requiresCompatibilities: ["FARGATE"] },
      runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "X86_64" },
      executionRoleArn: arn("iam", "role/sample-execution"),
      taskRoleArn: arn("iam", "role/sample-task"),
      skipDestroy: true,
    });
    assert.deepEqual(JSON.parse(containerDefinitions as string), [
      {
        ...{ name: "sample", image, essential: true, user: "1000:1000" },
        ...{ privileged: false, readonlyRootFilesystem: true },
        linuxParameters: {
          initProcessEnabled: true,
          capabilities: { drop: ["ALL"] },
          tmpfs: [{ containerPath: "/tmp", size: 16, mountOptions: ["rw", "noexec", "nosuid", "nodev"] }],
        },
        portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: "tcp" }],
        healthCheck: {
          command: ["CMD", "node", "/app/healthcheck.js"],
          ...{ interval: 10, timeout: 5, retries: 3, startPeriod: 30 },
        },
        stopTimeout: 35,
        environment: Object.entries({
          APP_COMMIT: "c".repeat(40),
          APP_VERSION: "1.4.0",
          DRAIN_SECONDS: "30",
          FEATURE_FLAGS: '{"newestLast":true}',
          PGDATABASE: "slipway",
          PGHOST: "postgres.internal",
          PGPORT: "5432",
          PGSSLMODE: "verify-full",
          PGUSER: "slipway",
          PORT: "8080",
          REDIS_HOST: "redis.internal",
          REDIS_PORT: "6379",
          REDIS_TLS: "1",
          TOGGLES: '{"announcements":"live"}',
        }).map(([name, value]) => ({ name, value })),
        secrets: [
          { name: "PGPASSWORD", valueFrom: `${arn("secretsmanager", "secret:postgres-abcdef")}:password::` },
          { name: "REDIS_PASSWORD", valueFrom: arn("secretsmanager", "secret:redis-abcdef") },
        ],
        logConfiguration: {
          logDriver: "awslogs",
          options: {
            "awslogs-group": "/slipway-staging/sample",
            "awslogs-region": "eu-central-1",
            "awslogs-stream-prefix": "1.4.0",
          },
        },
      },
    ]);
    assert.deepEqual(
      canary.declared.filter(
        ({ type, inputs }) =>
          type.startsWith("aws:iam/rolePolicy:") && inputs["role"] === "slipway-staging-sample-task",
      ),
      [],
    );
  });

  it("starts them with a role for this image, this log and these secrets", () => {
    assert.deepEqual(statements(canary.inputs("iam/rolePolicy", "sample-execution")), [
      [["ecr:GetAuthorizationToken"], ["*"]],
      [
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        [arn("ecr", "repository/sample")],
      ],
      [["logs:CreateLogStream", "logs:PutLogEvents"], [`${arn("cloudwatch", "logGroup/sample-log")}:*`]],
      [
        ["secretsmanager:GetSecretValue"],
        [arn("secretsmanager", "secret:postgres-abcdef"), arn("secretsmanager", "secret:redis-abcdef")],
      ],
      [["kms:Decrypt"], [arn("kms", "key/secrets")]],
    ]);
  });

  it("keeps the log under the operations' key, and not for ever", () => {
    assert.deepEqual(canary.inputs("cloudwatch/logGroup", "sample-log"), {
      name: "/slipway-staging/sample",
      kmsKeyId: arn("kms", "key/operations"),
      retentionInDays: 30,
    });
  });

  it("tells ECS the strategy, the gates at their stages, and the alarms that roll back", () => {
    const { deploymentConfiguration, alarms, deploymentCircuitBreaker, waitForSteadyState, sigintRollback } =
      canary.inputs("ecs/service", "sample");
    const call = (stage: string, hook: string) => ({
      lifecycleStages: [stage],
      targetType: "AWS_LAMBDA",
      hookTargetArn: arn("lambda", `function/sample-gates-${hook}`),
      roleArn: arn("iam", "role/sample-gates-invoke"),
    });
    assert.deepEqual(deploymentConfiguration, {
      strategy: "CANARY",
      bakeTimeInMinutes: "10",
      canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: "10" },
      lifecycleHooks: [
        call("PRE_SCALE_UP", "backup"),
        call("PRE_SCALE_UP", "migration"),
        {
          ...call("POST_TEST_TRAFFIC_SHIFT", "smoke-test"),
          hookDetails: JSON.stringify({
            checks: [
              { path: "/healthz", status: 200 },
              { path: "/readyz", status: 200 },
              { path: "/version", status: 200, bodyIncludes: "1.4.0" },
              { path: "/", status: 200 },
            ],
          }),
        },
      ],
    });
    assert.deepEqual(alarms, {
      alarmNames: ["slipway-staging-sample-errors"],
      enable: true,
      rollback: true,
    });
    assert.deepEqual(deploymentCircuitBreaker, { enable: false, rollback: false });
    assert.deepEqual([waitForSteadyState, sigintRollback], [true, true]);
  });

  it("gives ECS both target groups, both rules, and a role for these alone", () => {
    const { loadBalancers, enableExecuteCommand, networkConfiguration } = canary.inputs(
      "ecs/service",
      "sample",
    );
    assert.deepEqual(loadBalancers, [
      {
        containerName: "sample",
        containerPort: 8080,
        targetGroupArn: "blue-arn",
        advancedConfiguration: {
          alternateTargetGroupArn: "green-arn",
          productionListenerRule: "production-arn",
          testListenerRule: "test-arn",
          roleArn: arn("iam", "role/sample-traffic"),
        },
      },
    ]);
    assert.deepEqual(statements(canary.inputs("iam/rolePolicy", "sample-traffic")).slice(1), [
      [
        ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
        ["blue-arn", "green-arn"],
      ],
      [["elasticloadbalancing:ModifyRule"], ["production-arn", "test-arn"]],
    ]);
    assert.equal(enableExecuteCommand, false);
    assert.deepEqual(networkConfiguration, {
      subnets: ["subnet-1", "subnet-2"],
      securityGroups: ["sg-service"],
      assignPublicIp: false,
    });
  });

  it("scales by CPU, and by the requests of both target groups", () => {
    const { minCapacity, maxCapacity, resourceId } = canary.inputs("appautoscaling/target", "sample-scaling");
    assert.deepEqual(
      [minCapacity, maxCapacity, resourceId],
      [2, 6, "service/slipway-staging/slipway-staging-sample"],
    );
    const { targetTrackingScalingPolicyConfiguration: requests } = canary.inputs(
      "appautoscaling/policy",
      "sample-scaling-requests",
    );
    const metric = (id: string, group: string) => ({
      ...{ id, returnData: false },
      metricStat: {
        stat: "Sum",
        metric: {
          ...{ namespace: "AWS/ApplicationELB", metricName: "RequestCountPerTarget" },
          dimensions: [
            { name: "LoadBalancer", value: "app/slipway-staging/1" },
            { name: "TargetGroup", value: group },
          ],
        },
      },
    });
    assert.deepEqual(requests, {
      ...{ targetValue: 1000, scaleInCooldown: 300, scaleOutCooldown: 60 },
      customizedMetricSpecification: {
        metrics: [
          metric("group1", "targetgroup/blue/1"),
          metric("group2", "targetgroup/green/2"),
          {
            id: "requests",
            label: "Requests per task and minute",
            expression: "FILL(group1, 0) + FILL(group2, 0)",
            returnData: true,
          },
        ],
      },
    });
  });

  it("contracts the schema after the service has run the version through its bake", () => {
    const names = canary.declared.map(({ name, type }) => `${type.split(":").at(-1)} ${name}`);
    assert.ok(names.indexOf("Invocation sample-gates-contract") > names.indexOf("Service sample"));
    assert.deepEqual(canary.inputs("lambda/invocation", "sample-gates-contract"), {
      functionName: "slipway-staging-sample-migration",
      input: JSON.stringify({ taskDefinition: requested, phase: "contract" }),
    });
  });

  it("waits for an approval after the smoke test where one is required", async () => {
    const { inputs } = await deploy({ approval: "required" });
    const { lifecycleHooks } = inputs("ecs/service", "sample")["deploymentConfiguration"] as {
      lifecycleHooks: unknown[];
    };
    assert.deepEqual(lifecycleHooks.at(-1), {
      lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"],
      targetType: "PAUSE",
      timeoutConfiguration: { timeoutInMinutes: "1440", action: "ROLLBACK" },
    });
  });

  it("backs up and migrates before the service changes where ECS has no stages", async () => {
    const { declared, inputs } = await deploy({ strategy: { kind: "rolling", bakeSeconds: 0 } });
    const names = declared.map(({ name, type }) => `${type.split(":").at(-1)} ${name}`);
    const order = ["Invocation sample-gates-backup", "Invocation sample-gates-expand", "Service sample"];
    assert.deepEqual(
      names.filter((name) => order.includes(name)),
      order,
    );
    const service = inputs("ecs/service", "sample");
    assert.deepEqual(service["deploymentConfiguration"], { strategy: "ROLLING", lifecycleHooks: [] });
    assert.deepEqual(service["deploymentCircuitBreaker"], { enable: true, rollback: true });
  });

  it("lets no gate stand in the way back, and leaves the alarms on", async () => {
    const { declared, inputs } = await deploy({ rollback: true });
    const service = inputs("ecs/service", "sample");
    assert.deepEqual(service["deploymentConfiguration"], {
      ...{ strategy: "BLUE_GREEN", bakeTimeInMinutes: "0", lifecycleHooks: [] },
    });
    assert.deepEqual(service["alarms"], {
      ...{ alarmNames: ["slipway-staging-sample-errors"], enable: true, rollback: true },
    });
    assert.deepEqual(
      declared.filter(({ type }) => type.startsWith("aws:lambda/invocation")),
      [],
    );
  });

  it("declares the same resources for strategies that shift traffic, whichever it is", async () => {
    const { declared } = await deploy({ strategy: { kind: "blue-green", bakeSeconds: 60 } });
    const kinds = (list: Declared[]) => list.map(({ type, name }) => `${type} ${name}`).sort();
    assert.deepEqual(kinds(declared), kinds(canary.declared));
  });

  const faults: [string, Partial<EcsDeploymentArgs>, RegExp][] = [
    [
      "an image by tag",
      { target: { ...deploymentArgs().target, image: "ghcr.io/team/sample:1.4.0" } },
      /image is "ghcr\.io\/team\/sample:1\.4\.0"; a task runs an image in a registry, pinned by digest/,
    ],
    [
      "a size that Fargate does not have",
      { target: { ...deploymentArgs().target, memoryMb: 1536 } },
      /memoryMb is 1536; with cpu 256 Fargate has 512, 1024, 2048 MiB/,
    ],
    [
      "an approval that ECS cannot wait for",
      { strategy: { kind: "direct" }, approval: "required" },
      /cannot wait for one with the strategy "direct"\. Use "blue-green" or "canary"/,
    ],
  ];
  for (const [what, change, message] of faults) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(deploy(change), message);
    });
  }

  it("calls no version live, and contracts nothing, when ECS went back to another task definition", async () => {
    const { declared, outputs } = await deploy({}, arn("ecs", "task-definition/sample:7"));
    assert.deepEqual(outputs, {});
    assert.deepEqual(
      declared.filter(({ type }) => type.startsWith("aws:lambda/invocation")),
      [],
    );
  });
});

describe("EcsRoutes", () => {
  const args = {
    ...{ prefix: "slipway-staging", service: "sample", platform: awsPlatform() },
    ...{ pathPrefix: "/api", healthPath: "/readyz", drainSeconds: 30, priority: 100 },
  };

  it("makes two target groups, and both rules with all weight on the first", async () => {
    const declared = await declaredBy(() => new EcsRoutes("sample", args), "staging");
    const inputs = Object.fromEntries(declared.map(({ name, inputs }) => [name, inputs]));
    for (const colour of ["blue", "green"]) {
      assert.deepEqual(inputs[`sample-${colour}`], {
        name: `slipway-staging-sample-${colour}`,
        ...{ vpcId: "vpc-1", targetType: "ip", port: 8080, protocol: "HTTP", deregistrationDelay: 30 },
        healthCheck: {
          ...{ path: "/readyz", protocol: "HTTP", matcher: "200", interval: 10, timeout: 5 },
          ...{ healthyThreshold: 2, unhealthyThreshold: 3 },
        },
      });
    }
    for (const [role, listener] of [
      ["production", "listener/app/slipway-staging/1/2"],
      ["test", "listener/app/slipway-staging/1/3"],
    ] as const) {
      assert.deepEqual(inputs[`sample-${role}`], {
        listenerArn: arn("elasticloadbalancing", listener),
        priority: 100,
        conditions: [{ pathPattern: { values: ["/api", "/api/*"] } }],
        actions: [
          {
            type: "forward",
            forward: {
              targetGroups: [
                { arn: arn("lb", "targetGroup/sample-blue"), weight: 100 },
                { arn: arn("lb", "targetGroup/sample-green"), weight: 0 },
              ],
            },
          },
        ],
      });
    }
  });

  it("refuses names that are too long for target groups", async () => {
    await assert.rejects(
      declaredBy(() => new EcsRoutes("sample", { ...args, service: "announcements" }), "staging"),
      /would be "slipway-staging-announcements-blue", 34 characters; AWS allows 32/,
    );
  });
});

describe("EcsCluster", () => {
  it("measures its containers, and keeps what it measured under a key and not for ever", async () => {
    const operationsKeyArn = arn("kms", "key/operations");
    const declared = await declaredBy(
      () => new EcsCluster("cluster", { prefix: "slipway-staging", operationsKeyArn, logRetentionDays: 30 }),
      "staging",
    );
    assert.deepEqual(
      declared.filter(({ type }) => type.startsWith("aws:")).map(({ name, inputs }) => [name, inputs]),
      [
        [
          "cluster-insights",
          {
            name: "/aws/ecs/containerinsights/slipway-staging/performance",
            kmsKeyId: operationsKeyArn,
            retentionInDays: 30,
          },
        ],
        [
          "cluster",
          { name: "slipway-staging", settings: [{ name: "containerInsights", value: "enhanced" }] },
        ],
      ],
    );
  });
});
