import assert from "node:assert/strict";
import { declareBackbone, large, small, type DeclaredBackbone } from "./aws";

const key = (role: string) => `arn:aws:kms:eu-central-1:123456789012:key/backbone-keys-${role}`;

describe("components/backbone/aws-postgres", () => {
  let staging: DeclaredBackbone;
  let production: DeclaredBackbone;

  before(async () => {
    staging = await declareBackbone(small);
    production = await declareBackbone(large);
  });

  it("declares a private, encrypted, monitored instance that is backed up and has no password of ours", () => {
    assert.deepEqual(staging.one("rds/instance:Instance", "postgres"), {
      identifier: "slipway-staging-postgres",
      engine: "postgres",
      engineVersion: "17",
      autoMinorVersionUpgrade: true,
      instanceClass: "db.t4g.small",
      storageType: "gp3",
      allocatedStorage: 20,
      maxAllocatedStorage: 100,
      storageEncrypted: true,
      kmsKeyId: key("postgres"),
      multiAz: false,
      dbSubnetGroupName: "slipway-staging-postgres",
      vpcSecurityGroupIds: ["backbone-security-postgres-id"],
      publiclyAccessible: false,
      port: 5432,
      caCertIdentifier: "rds-ca-rsa2048-g1",
      parameterGroupName: "slipway-staging-postgres-17",
      dbName: "slipway",
      username: "slipway",
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: key("secrets"),
      iamDatabaseAuthenticationEnabled: true,
      backupRetentionPeriod: 7,
      backupWindow: "01:00-02:00",
      maintenanceWindow: "sun:02:30-sun:03:30",
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: false,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: "slipway-staging-postgres-final-backbone",
      deletionProtection: false,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: key("postgres"),
      performanceInsightsRetentionPeriod: 7,
      monitoringInterval: 60,
      monitoringRoleArn: "arn:aws:iam:eu-central-1:123456789012:role/backbone-postgres-monitor",
      enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
    });
  });

  it("differs in production by size, standby, days of backup and protection alone", () => {
    const less = staging.one("rds/instance:Instance", "postgres");
    const more = production.one("rds/instance:Instance", "postgres");
    assert.deepEqual(
      Object.keys(more)
        .filter((name) => !/slipway-/.test(String(more[name])))
        .filter((name) => JSON.stringify(more[name]) !== JSON.stringify(less[name]))
        .map((name) => `${name} ${String(more[name])}`)
        .sort(),
      ["backupRetentionPeriod 30", "deletionProtection true", "instanceClass db.m7g.large", "multiAz true"],
    );
  });

  it("refuses connections without TLS and logs changes of the schema", () => {
    assert.deepEqual(staging.one("rds/parameterGroup:ParameterGroup", "postgres-settings"), {
      name: "slipway-staging-postgres-17",
      description: "TLS only; connections, waits, slow statements and changes of the schema are logged",
      family: "postgres17",
      parameters: [
        { name: "rds.force_ssl", value: "1" },
        { name: "log_connections", value: "1" },
        { name: "log_disconnections", value: "1" },
        { name: "log_lock_waits", value: "1" },
        { name: "log_statement", value: "ddl" },
        { name: "log_min_duration_statement", value: "500" },
        { name: "idle_in_transaction_session_timeout", value: "60000" },
      ],
    });
  });

  it("makes the log groups that RDS would make itself, and lies in the data subnets", () => {
    assert.deepEqual(
      ["postgresql", "upgrade"].map(
        (log) => staging.one("cloudwatch/logGroup:LogGroup", `postgres-${log}-log`)["name"],
      ),
      [
        "/aws/rds/instance/slipway-staging-postgres/postgresql",
        "/aws/rds/instance/slipway-staging-postgres/upgrade",
      ],
    );
    assert.deepEqual(staging.one("rds/subnetGroup:SubnetGroup", "postgres-subnets")["subnetIds"], [
      "backbone-network-data-eu-central-1a-id",
      "backbone-network-data-eu-central-1b-id",
    ]);
  });

  it("has RDS make the password anew as often as it is told", () => {
    assert.deepEqual(
      staging.one("secretsmanager/secretRotation:SecretRotation", "postgres-password-rotation"),
      {
        secretId: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds",
        rotateImmediately: false,
        rotationRules: { automaticallyAfterDays: 30 },
      },
    );
  });
});

describe("components/backbone/aws-redis", () => {
  const group = "elasticache/replicationGroup:ReplicationGroup";
  let staging: DeclaredBackbone;
  let production: DeclaredBackbone;

  before(async () => {
    staging = await declareBackbone(small);
    production = await declareBackbone(large);
  });

  it("declares an encrypted cache with TLS and a password, in the data subnets", () => {
    const { authToken, ...inputs } = staging.one(group, "redis");
    assert.equal((authToken as { value: string }).value, "generated");
    assert.deepEqual(inputs, {
      replicationGroupId: "slipway-staging-redis",
      description: "slipway-staging: the cache",
      engine: "valkey",
      engineVersion: "8.0",
      autoMinorVersionUpgrade: true,
      nodeType: "cache.t4g.small",
      numCacheClusters: 1,
      automaticFailoverEnabled: false,
      multiAzEnabled: false,
      port: 6379,
      subnetGroupName: "slipway-staging-redis",
      securityGroupIds: ["backbone-security-redis-id"],
      parameterGroupName: "slipway-staging-redis-valkey8",
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
      atRestEncryptionEnabled: true,
      kmsKeyId: key("redis"),
      authTokenUpdateStrategy: "ROTATE",
      snapshotRetentionLimit: 1,
      snapshotWindow: "01:00-02:00",
      maintenanceWindow: "sun:02:30-sun:03:30",
      finalSnapshotIdentifier: "slipway-staging-redis-final-backbone",
      logDeliveryConfigurations: ["slow-log", "engine-log"].map((logType) => ({
        destination: `/slipway-staging/redis/${logType}`,
        destinationType: "cloudwatch-logs",
        logFormat: "json",
        logType,
      })),
    });
    assert.deepEqual(staging.one("elasticache/subnetGroup:SubnetGroup", "redis-subnets")["subnetIds"], [
      "backbone-network-data-eu-central-1a-id",
      "backbone-network-data-eu-central-1b-id",
    ]);
  });

  it("fails over by itself where it has replicas", () => {
    const { numCacheClusters, automaticFailoverEnabled, multiAzEnabled } = production.one(group, "redis");
    assert.deepEqual([numCacheClusters, automaticFailoverEnabled, multiAzEnabled], [3, true, true]);
  });

  it("evicts the least recently used keys", () => {
    assert.deepEqual(staging.one("elasticache/parameterGroup:ParameterGroup", "redis-settings"), {
      name: "slipway-staging-redis-valkey8",
      description: "A cache: least recently used keys are evicted",
      family: "valkey8",
      parameters: [{ name: "maxmemory-policy", value: "allkeys-lru" }],
    });
  });

  it("keeps the password, as a secret, in Secrets Manager after the cache takes it", () => {
    const { secretString, secretId } = staging.one(
      "secretsmanager/secretVersion:SecretVersion",
      "redis-secret-version",
    );
    assert.equal(secretId, "backbone-redis-secret-id");
    // The mark of a secret on its way to the engine.
    assert.deepEqual(secretString, {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: "generated",
    });
    const names = staging.declared.map(({ name }) => name);
    assert.ok(names.indexOf("backbone-redis-secret-version") > names.indexOf("backbone-redis"));
    assert.deepEqual(
      [staging, production].map(
        ({ one }) => one("secretsmanager/secret:Secret", "redis-secret")["recoveryWindowInDays"],
      ),
      [0, 30],
    );
    assert.equal(staging.one("secretsmanager/secret:Secret", "redis-secret")["kmsKeyId"], key("secrets"));
  });

  it("makes the password anew by a changed rotation text, within what ElastiCache takes", async () => {
    const { declared } = await declareBackbone({ ...small, redisPasswordRotation: "2026-11" });
    assert.deepEqual(
      declared.filter(({ type }) => type.startsWith("random:")).map(({ inputs }) => inputs),
      [{ length: 64, special: false, keepers: { rotation: "2026-11" } }],
    );
  });
});

describe("components/backbone/aws-keys", () => {
  it("rotates every key, gives 30 days to think again, and names each by an alias", async () => {
    const { all } = await declareBackbone(small);
    for (const [name, inputs] of Object.entries(all("kms/key:Key"))) {
      assert.deepEqual([inputs["enableKeyRotation"], inputs["deletionWindowInDays"]], [true, 30], name);
    }
    assert.deepEqual(
      Object.values(all("kms/alias:Alias")).map((inputs) => inputs["name"]),
      ["operations", "secrets", "postgres", "redis"].map((role) => `alias/slipway-staging-${role}`),
    );
  });

  it("lets only this account's log groups, alarms and budgets use the operations key by themselves", async () => {
    const { one } = await declareBackbone(small);
    const statements = (name: string) =>
      (
        JSON.parse(String(one("kms/key:Key", name)["policy"])) as {
          Statement: { Principal: unknown; Condition?: unknown }[];
        }
      ).Statement.map(({ Principal, Condition }) => ({ Principal, Condition }));
    const account = { Principal: { AWS: "arn:aws:iam::123456789012:root" }, Condition: undefined };
    assert.deepEqual(statements("keys-secrets"), [account]);
    assert.deepEqual(statements("keys-operations"), [
      account,
      {
        Principal: { Service: "logs.eu-central-1.amazonaws.com" },
        Condition: {
          ArnLike: {
            "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-central-1:123456789012:log-group:*",
          },
        },
      },
      {
        Principal: { Service: ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] },
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ]);
  });
});
