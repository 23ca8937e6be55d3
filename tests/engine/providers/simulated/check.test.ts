import assert from "node:assert/strict";
import { makeSecret, UNKNOWN, type Properties } from "../../../../engine/values";
import { good, simulate, T, urnOf } from "./support";

/** A type, what is changed in its good inputs (null leaves it out), and the one refusal that this brings. */
const cases: readonly (readonly [string, Properties, string])[] = [
  // The SDK's declarations.
  [
    T.database,
    { storageEncryption: true },
    "storageEncryption is true; there is no such property; there are ",
  ],
  [T.database, { instanceClass: null }, "instanceClass is missing; it is required"],
  [T.database, { allocatedStorage: "20" }, 'allocatedStorage is "20"; it must be a number'],
  [
    T.service,
    { networkConfiguration: { subnets: "subnet-1" } },
    'networkConfiguration.subnets is "subnet-1"; it must be a list',
  ],
  [T.service, { alarms: { enable: true, rollback: true } }, "alarms.alarmNames is missing; it is required"],
  [
    T.service,
    { deploymentConfiguration: { bakeTimeInMinutes: 10 } },
    "deploymentConfiguration.bakeTimeInMinutes is 10; it must be a string",
  ],
  // AWS's schemas.
  [
    T.logGroup,
    { name: "/shop", retentionInDays: 31 },
    "retentionInDays is 31; it must be one of 1, 3, 5, 7, 14, 30, ",
  ],
  [
    T.service,
    { deploymentConfiguration: { strategy: "BLUEGREEN" } },
    'deploymentConfiguration.strategy is "BLUEGREEN"; it must be one of ROLLING, BLUE_GREEN, LINEAR, CANARY',
  ],
  // ECS.
  [T.task, { memory: "4096" }, 'memory is "4096"; with cpu 256 it must be one of 512, 1024, 2048'],
  [T.task, { cpu: "300" }, 'cpu is "300"; it must be one of 256, 512, 1024, 2048, 4096, 8192, 16384'],
  [T.task, { networkMode: "bridge" }, 'networkMode is "bridge"; it must be awsvpc on Fargate'],
  [
    T.task,
    { containerDefinitions: '[{"name":"web","image":"web:1","enviroment":[]}]' },
    'containerDefinitions is "[{\\"name\\":\\"web\\",\\"image\\":\\"web:1\\",\\"enviroment\\":[]}]"; [0].enviroment: containers have no such property',
  ],
  [
    T.service,
    { deploymentConfiguration: { bakeTimeInMinutes: "1441" } },
    'deploymentConfiguration.bakeTimeInMinutes is "1441"; it must be a whole number of minutes from 0 to 1440',
  ],
  [
    T.service,
    {
      deploymentConfiguration: {
        lifecycleHooks: [{ targetType: "PAUSE", lifecycleStages: ["PRODUCTION_TRAFFIC_SHIFT"] }],
      },
    },
    'deploymentConfiguration.lifecycleHooks[0].lifecycleStages[0] is "PRODUCTION_TRAFFIC_SHIFT"; a PAUSE cannot be at a stage that shifts traffic',
  ],
  [
    T.service,
    { deploymentConfiguration: { strategy: "LINEAR", canaryConfiguration: { canaryPercent: 5 } } },
    'deploymentConfiguration.canaryConfiguration is {"canaryPercent":5}; it is for strategy CANARY, not for LINEAR',
  ],
  [
    T.service,
    { deploymentMinimumHealthyPercent: 100, deploymentMaximumPercent: 100 },
    "deploymentMaximumPercent is 100; it must be over 100",
  ],
  // Load balancing.
  [T.targetGroup, { name: "a".repeat(33) }, `name is "${"a".repeat(33)}"; it must be at most 32 of`],
  [
    T.targetGroup,
    { healthCheck: { interval: 10, timeout: 10 } },
    "healthCheck.timeout is 10; it must be less than healthCheck.interval (10)",
  ],
  [
    T.loadBalancer,
    { name: "internal-web" },
    'name is "internal-web"; it must be a name that does not start with internal-',
  ],
  [T.listener, { certificateArn: null }, "certificateArn is missing; it is required for HTTPS"],
  // Data.
  [T.database, { identifier: "Orders" }, 'identifier is "Orders"; it must be 1 to 63 of a-z, 0-9 and -'],
  [
    T.database,
    { username: "admin" },
    'username is "admin"; it must be a name that PostgreSQL and RDS do not reserve',
  ],
  [
    T.database,
    { manageMasterUserPassword: null, password: makeSecret("a/b/c/d/e") },
    "password is [secret]; it must be of 8 to 128 printable",
  ],
  [
    T.database,
    { skipFinalSnapshot: false },
    "finalSnapshotIdentifier is missing; it is required unless skipFinalSnapshot is true",
  ],
  [
    T.database,
    { monitoringInterval: 7, monitoringRoleArn: UNKNOWN },
    "monitoringInterval is 7; it must be one of 0, 1, 5, 10, 15, 30, 60",
  ],
  [
    T.cache,
    { automaticFailoverEnabled: true, numCacheClusters: 1 },
    "automaticFailoverEnabled is true; it needs a replica",
  ],
  [
    T.cache,
    { authToken: makeSecret("0123456789abcdef") },
    "transitEncryptionEnabled is missing; it must be true with an authToken",
  ],
  // Names and policies.
  [T.bucket, { bucket: "Logs" }, 'bucket is "Logs"; it must be 3 to 63 of a-z, 0-9, . and -'],
  [T.role, { assumeRolePolicy: "{}" }, 'assumeRolePolicy is "{}"; it must have at least one Statement'],
  [
    T.role,
    { assumeRolePolicy: '{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}' },
    'assumeRolePolicy is "{\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"sts:AssumeRole\\"}]}"; Statement[0] must have a Principal',
  ],
  [
    T.key,
    { policy: '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:Encrypt","Resource":"*"}]}' },
    "policy is ",
  ],
  // Operations.
  [T.function, { timeout: 901 }, "timeout is 901; it must be from 1 to 900"],
  [T.alarm, { period: 45 }, "period is 45; it must be 10, 20, 30 or a multiple of 60 seconds"],
  [T.alarm, { datapointsToAlarm: 4 }, "datapointsToAlarm is 4; it must be from 1 to 3"],
  [
    T.group,
    { vpcId: UNKNOWN, description: "web → database" },
    'description is "web → database"; it must be at most 255 of',
  ],
  [
    T.vpc,
    { cidrBlock: "10.20.0.0/8" },
    'cidrBlock is "10.20.0.0/8"; it must be an IPv4 block from /16 to /28',
  ],
  [
    T.subnet,
    { availabilityZone: "us-east-1a" },
    'availabilityZone is "us-east-1a"; it must be a zone of eu-central-1',
  ],
  // Cloudflare.
  [T.record, { ttl: 300 }, "ttl is 300; it must be 1 for a proxied record"],
  [T.record, { zoneId: "example.com" }, 'zoneId is "example.com"; it must be 32 hexadecimal digits'],
  [
    T.deployment,
    {
      versions: [
        { percentage: 10, versionId: UNKNOWN },
        { percentage: 80, versionId: UNKNOWN },
      ],
    },
    "versions is ",
  ],
];

describe("a check of the simulated providers", () => {
  it("takes what AWS and Cloudflare take", async () => {
    const { refusals } = await simulate();
    for (const [type, inputs] of Object.entries(good))
      assert.deepEqual(await refusals(type, inputs), [], type);
  });

  for (const [type, change, expected] of cases) {
    it(`refuses ${type.split(":")[2] ?? ""} where ${expected.slice(0, 90)}`, async () => {
      const { refusals } = await simulate();
      const inputs = Object.entries({ ...good[type], ...change }).filter(([, value]) => value !== null);
      const [refusal, ...more] = await refusals(type, Object.fromEntries(inputs));
      assert.ok(refusal?.startsWith(expected), refusal);
      assert.deepEqual(more, []);
    });
  }

  it("says where each rule is written down", async () => {
    const { provider } = await simulate();
    const sources = await Promise.all(
      [{ allocatedStorage: "20" }, { identifier: "-" }].map(async (change) => {
        const subject = { urn: urnOf(T.database, "it"), type: T.database, name: "it" };
        const { failures } = await provider(T.database).check(
          subject,
          {},
          { ...good[T.database], ...change },
        );
        return /\[([^[\]]+)\]$/.exec(failures[0]?.reason ?? "")?.[1]?.replace(/\d+\.\d+\.\d+/, "<version>");
      }),
    );
    assert.deepEqual(sources, [
      "@pulumi/aws <version>, rds/instance.d.ts",
      "RDS API, CreateDBInstance, DBInstanceIdentifier",
    ]);
  });

  it("knows before any id which network a subnet is in, and in which zones a group's subnets are", async () => {
    const { refusals } = await simulate();
    const inNetwork = { vpcId: [urnOf(T.vpc, "network")] };
    const subnet = (cidrBlock: string) => ({ ...good[T.subnet], cidrBlock });
    assert.deepEqual(await refusals(T.vpc, { cidrBlock: "10.20.0.0/16" }, {}, "network"), []);
    assert.deepEqual(await refusals(T.subnet, subnet("10.21.0.0/24"), inNetwork, "outside"), [
      'cidrBlock is "10.21.0.0/24"; it must be inside the VPC\'s block 10.20.0.0/16',
    ]);
    assert.deepEqual(await refusals(T.subnet, subnet("10.20.0.0/23"), inNetwork, "first"), []);
    assert.deepEqual(await refusals(T.subnet, subnet("10.20.1.0/24"), inNetwork, "second"), [
      `cidrBlock is "10.20.1.0/24"; it must not overlap 10.20.0.0/23 of ${urnOf(T.subnet, "first")}`,
    ]);
    assert.deepEqual(await refusals(T.subnet, subnet("10.20.2.0/24"), inNetwork, "second"), []);
    const both = { subnetIds: [urnOf(T.subnet, "first"), urnOf(T.subnet, "second")] };
    const group = { name: "data", subnetIds: [UNKNOWN, UNKNOWN] };
    assert.deepEqual(await refusals(T.subnetGroup, group, both), [
      'subnetIds is ["[unknown]","[unknown]"]; it must name subnets in at least two availability zones',
    ]);
    const elsewhere = { ...subnet("10.20.2.0/24"), availabilityZone: "eu-central-1b" };
    assert.deepEqual(await refusals(T.subnet, elsewhere, inNetwork, "second"), []);
    assert.deepEqual(await refusals(T.subnetGroup, group, both), []);
  });

  it("refuses a name that another resource of the type has", async () => {
    const { refusals } = await simulate();
    assert.deepEqual(await refusals(T.bucket, { bucket: "shop-logs" }, {}, "one"), []);
    assert.deepEqual(await refusals(T.bucket, { bucket: "shop-logs" }, {}, "two"), [
      `bucket is "shop-logs"; the name is taken by ${urnOf(T.bucket, "one")}; each of this type needs its own`,
    ]);
  });
});
