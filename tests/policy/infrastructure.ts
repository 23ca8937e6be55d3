/** One compliant resource of each type of AWS and Cloudflare, and how a rule's table is tested against them. */
import assert from "node:assert/strict";
import { aws } from "../../policy/aws";
import { cloudflare } from "../../policy/cloudflare";
import type { Rule } from "../../policy/rule";
import { judge, notApplicable, unknown, type Circumstances, type TestResource } from "./support";

const key = "arn:aws:kms:eu-central-1:123456789012:key/1234";
const topicArn = "arn:aws:sns:eu-central-1:123456789012:slipway-alarms";
export const document = (...statements: object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });
const trust = {
  Effect: "Allow",
  Principal: { Service: "ecs-tasks.amazonaws.com" },
  Action: "sts:AssumeRole",
};
export const tlsOnly = {
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
export const accountMayDelegate = {
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::123456789012:root" },
  Action: "kms:*",
  Resource: "*",
};
const getSecret = {
  Effect: "Allow",
  Action: "secretsmanager:GetSecretValue",
  Resource: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:redis",
};

/** A container of ECS that no rule has anything against. */
export function ecsContainer(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: "sample",
    image: `registry.example/sample@sha256:${"0".repeat(64)}`,
    user: "1000:1000",
    readonlyRootFilesystem: true,
    linuxParameters: { capabilities: { drop: ["ALL"] } },
    healthCheck: { command: ["CMD", "node", "healthcheck.js"] },
    environment: [
      { name: "FEATURE_FLAGS", value: '{"newCheckout":true}' },
      { name: "TOGGLES", value: '{"payments":"live"}' },
      { name: "PGHOST", value: "db.eu-central-1.rds.amazonaws.com" },
    ],
    secrets: [
      { name: "PGPASSWORD", valueFrom: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db" },
    ],
    logConfiguration: { logDriver: "awslogs" },
    ...changes,
  };
}

/** By type, a name and properties that no rule has anything against; all are protected. */
const compliant: Readonly<Record<string, readonly [name: string, props: Record<string, unknown>]>> = {
  [aws.alarm]: ["errors", { alarmActions: [topicArn], treatMissingData: "notBreaching" }],
  [aws.bucket]: ["logs", { forceDestroy: false }],
  [aws.bucketAcl]: ["logs-acl", { acl: "private" }],
  [aws.bucketPolicy]: ["logs-policy", { bucket: "logs", policy: document(tlsOnly) }],
  [aws.bucketPublicAccessBlock]: [
    "logs-private",
    {
      bucket: "logs",
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
  ],
  [aws.bucketVersioning]: ["logs-versions", { versioningConfiguration: { status: "Enabled" } }],
  [aws.cacheSubnetGroup]: ["cache-subnets", { subnetIds: ["a", "b"] }],
  [aws.compositeAlarm]: ["bad-release", { alarmActions: [topicArn] }],
  [aws.database]: [
    "postgres",
    {
      engine: "postgres",
      storageEncrypted: true,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: key,
      parameterGroupName: "slipway-postgres-17",
      caCertIdentifier: "rds-ca-rsa2048-g1",
      publiclyAccessible: false,
      deletionProtection: true,
      skipFinalSnapshot: false,
      backupRetentionPeriod: 7,
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: false,
      multiAz: true,
      enabledCloudwatchLogsExports: ["postgresql"],
      monitoringInterval: 60,
    },
  ],
  [aws.databaseCluster]: [
    "aurora",
    { storageEncrypted: true, deletionProtection: true, backupRetentionPeriod: 7 },
  ],
  [aws.databaseParameters]: [
    "postgres-settings",
    {
      family: "postgres17",
      parameters: [
        { name: "rds.force_ssl", value: "1" },
        { name: "log_min_duration_statement", value: "500" },
      ],
    },
  ],
  [aws.databaseSubnetGroup]: ["postgres-subnets", { subnetIds: ["a", "b"] }],
  [aws.defaultSecurityGroup]: ["default", { vpcId: "vpc-1" }],
  [aws.ecsCluster]: ["cluster", { settings: [{ name: "containerInsights", value: "enhanced" }] }],
  [aws.ecsService]: [
    "sample",
    {
      desiredCount: 2,
      networkConfiguration: { assignPublicIp: false, subnets: ["a", "b"] },
      loadBalancers: [{ containerName: "sample", containerPort: 8080 }],
      healthCheckGracePeriodSeconds: 30,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: { enable: true, rollback: true, alarmNames: ["errors"] },
      deploymentMinimumHealthyPercent: 100,
    },
  ],
  [aws.egressRule]: [
    "hook-to-aws",
    { ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: "0.0.0.0/0", description: "Hooks call AWS" },
  ],
  [aws.flowLog]: ["flow", { trafficType: "ALL" }],
  [aws.function]: ["hook", { environment: { variables: { SERVICE: "sample" } }, kmsKeyArn: key }],
  [aws.functionPermission]: [
    "hook-invoke",
    { principal: "events.amazonaws.com", sourceArn: "arn:aws:events:…" },
  ],
  [aws.functionUrl]: ["hook-url", { authorizationType: "AWS_IAM" }],
  [aws.ingressRule]: [
    "gateway-from-cloudflare",
    { ipProtocol: "tcp", fromPort: 443, toPort: 443, prefixListId: "pl-1", description: "Cloudflare" },
  ],
  [aws.instance]: ["bastion", { associatePublicIpAddress: false }],
  [aws.key]: [
    "secrets",
    { enableKeyRotation: true, deletionWindowInDays: 30, policy: document(accountMayDelegate) },
  ],
  [aws.listener]: ["https", { protocol: "HTTPS", sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06" }],
  [aws.loadBalancer]: [
    "internal-gateway",
    {
      internal: true,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "defensive",
      enableDeletionProtection: true,
      subnets: ["a", "b"],
      accessLogs: { enabled: true, bucket: "logs" },
    },
  ],
  [aws.logGroup]: ["sample-log", { kmsKeyId: key, retentionInDays: 30 }],
  [aws.policy]: ["read-secret", { policy: document(getSecret) }],
  [aws.prefixList]: ["cloudflare", { entries: [{ cidr: "173.245.48.0/20" }] }],
  [aws.queue]: ["dead-letters", { kmsMasterKeyId: key }],
  [aws.redis]: [
    "redis",
    {
      atRestEncryptionEnabled: true,
      kmsKeyId: key,
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
      authToken: "(a secret)",
      snapshotRetentionLimit: 7,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      numCacheClusters: 2,
      logDeliveryConfigurations: [{ logType: "slow-log" }],
    },
  ],
  [aws.repository]: ["images", { encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: key }] }],
  [aws.role]: ["task", { assumeRolePolicy: document(trust) }],
  [aws.rolePolicy]: ["start-tasks", { policy: document(getSecret) }],
  [aws.rolePolicyAttachment]: [
    "monitor",
    { policyArn: "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole" },
  ],
  [aws.scalableTarget]: ["scaling", { serviceNamespace: "ecs", minCapacity: 2 }],
  [aws.secret]: ["redis-password", { kmsKeyId: key, recoveryWindowInDays: 30 }],
  [aws.securityGroup]: ["service", { description: "Tasks" }],
  [aws.securityGroupRule]: [
    "old-rule",
    {
      type: "ingress",
      protocol: "tcp",
      fromPort: 5432,
      toPort: 5432,
      cidrBlocks: ["10.0.0.0/16"],
      description: "Services",
    },
  ],
  [aws.subnet]: ["private-a", { mapPublicIpOnLaunch: false }],
  [aws.table]: [
    "locks",
    {
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: true,
      pointInTimeRecovery: { enabled: true },
    },
  ],
  [aws.targetGroup]: ["blue", { protocol: "HTTP", healthCheck: { enabled: true, path: "/readyz" } }],
  [aws.secretRotation]: ["postgres-rotation", { rotationRules: { automaticallyAfterDays: 30 } }],
  [aws.taskDefinition]: [
    "sample-task",
    {
      volumes: [],
      networkMode: "awsvpc",
      cpu: "512",
      memory: "1024",
      executionRoleArn: "arn:aws:iam::123456789012:role/execution",
      taskRoleArn: "arn:aws:iam::123456789012:role/task",
      containerDefinitions: JSON.stringify([ecsContainer()]),
    },
  ],
  [aws.topic]: ["alarms", { kmsMasterKeyId: key }],
  [aws.topicPolicy]: [
    "alarms-policy",
    {
      policy: document({
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topicArn,
      }),
    },
  ],
  [aws.volume]: ["disk", { encrypted: true }],
  [cloudflare.database]: ["edge-database", { name: "slipway-edge" }],
  [cloudflare.dnsRecord]: ["edge-record", { name: "example.com", type: "CNAME", proxied: true }],
  [cloudflare.worker]: [
    "edge-worker",
    { subdomain: { enabled: false, previewsEnabled: false }, observability: { enabled: true } },
  ],
  [cloudflare.workerVersion]: [
    "edge-version",
    { bindings: [{ name: "DB", type: "d1", id: "0".repeat(32) }], modules: [] },
  ],
  ["pulumi:providers:aws"]: [
    "aws",
    {
      defaultTags: JSON.stringify({
        tags: { project: "slipway", stack: "slipway-staging", service: "sample", managedBy: "pulumi" },
      }),
    },
  ],
  [cloudflare.zoneSetting]: ["zone-ssl", { settingId: "ssl", value: "strict" }],
};

export const compliantTypes = Object.keys(compliant);

export function infrastructure(
  type: string,
  changes: Record<string, unknown> = {},
  name?: string,
): TestResource {
  const [ownName, props] = compliant[type] ?? [type, {}];
  return { type, name: name ?? ownName, props: { ...props, ...changes } };
}

/** A type, what is changed of the compliant one (or `protect`), and the one message that this brings. */
export type Pair = readonly [type: string, changes: Record<string, unknown>, message: string];

/** Each type passes as it is, fails with exactly the message once changed, and waits where the changed property is not known. */
export function itJudges(rule: Rule, pairs: readonly Pair[], config: Record<string, unknown> = {}): void {
  const circumstances: Circumstances = { protect: true, config };
  for (const [type, changes, message] of pairs) {
    const [property = ""] = Object.keys(changes);
    const shown = Object.entries(changes).map(([key, value]) => `${key}: ${JSON.stringify(value) ?? "none"}`);
    it(`refuses ${type.split(":").at(-1)} with ${shown.join(", ")}`, async () => {
      assert.deepEqual(await judge(rule, infrastructure(type), circumstances), []);
      const broken = property === "protect" ? infrastructure(type) : infrastructure(type, changes);
      const protect = property !== "protect";
      assert.deepEqual(await judge(rule, broken, { ...circumstances, protect }), [message]);
      const waiting = await judge(
        rule,
        infrastructure(type, { ...changes, [property]: unknown }),
        circumstances,
      );
      assert.deepEqual(waiting, []);
    });
  }
  it("is silent about other types", async () => {
    assert.equal(
      await judge(rule, { type: "random:index/randomId:RandomId", name: "id", props: {} }),
      notApplicable,
    );
  });
}
