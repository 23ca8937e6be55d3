import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { declareBackbone, large, small, valueOf, type DeclaredBackbone } from "./aws";

/** How many of each type of AWS resource. */
function counts({ declared }: DeclaredBackbone): Record<string, number> {
  const types = declared.map(({ type }) => /^aws:(.*):/.exec(type)?.[1]).filter((type) => type !== undefined);
  return Object.fromEntries(
    [...new Set(types)].sort().map((type) => [type, types.filter((other) => other === type).length]),
  );
}

describe("components/backbone/aws-backbone", () => {
  let staging: DeclaredBackbone;
  let production: DeclaredBackbone;

  before(async () => {
    staging = await declareBackbone(small);
    production = await declareBackbone(large);
  });

  it("declares network, keys, gateway, firewall and both stores", () => {
    assert.deepEqual(counts(staging), {
      "cloudwatch/logGroup": 6,
      "ec2/defaultSecurityGroup": 1,
      "ec2/eip": 1,
      "ec2/flowLog": 1,
      "ec2/internetGateway": 1,
      "ec2/managedPrefixList": 2,
      "ec2/natGateway": 1,
      "ec2/route": 3,
      "ec2/routeTable": 4,
      "ec2/routeTableAssociation": 6,
      "ec2/securityGroup": 6,
      "ec2/subnet": 6,
      "ec2/vpc": 1,
      "ec2/vpcEndpoint": 5,
      "elasticache/parameterGroup": 1,
      "elasticache/replicationGroup": 1,
      "elasticache/subnetGroup": 1,
      "iam/role": 2,
      "iam/rolePolicy": 1,
      "iam/rolePolicyAttachment": 1,
      "kms/alias": 4,
      "kms/key": 4,
      "lb/listener": 3,
      "lb/loadBalancer": 1,
      "rds/instance": 1,
      "rds/parameterGroup": 1,
      "rds/subnetGroup": 1,
      "s3/bucket": 1,
      "s3/bucketLifecycleConfiguration": 1,
      "s3/bucketOwnershipControls": 1,
      "s3/bucketPolicy": 1,
      "s3/bucketPublicAccessBlock": 1,
      "s3/bucketServerSideEncryptionConfiguration": 1,
      "s3/bucketVersioning": 1,
      "secretsmanager/secret": 1,
      "secretsmanager/secretRotation": 1,
      "secretsmanager/secretVersion": 1,
      "vpc/securityGroupEgressRule": 8,
      "vpc/securityGroupIngressRule": 8,
      "wafv2/webAcl": 1,
      "wafv2/webAclAssociation": 1,
      "wafv2/webAclLoggingConfiguration": 1,
    });
  });

  it("adds a zone's subnets, routes and NAT in production, and nothing else", () => {
    const more = counts(production);
    const less = counts(staging);
    assert.deepEqual(
      Object.entries(more)
        .filter(([type, count]) => count !== less[type])
        .map(([type, count]) => `${type} ${count - (less[type] ?? 0)}`),
      [
        "ec2/eip 2",
        "ec2/natGateway 2",
        "ec2/route 1",
        "ec2/routeTable 1",
        "ec2/routeTableAssociation 3",
        "ec2/subnet 3",
      ],
    );
  });

  it("answers where things are, and names the passwords without having them", async () => {
    const { backbone } = staging;
    assert.deepEqual(
      await valueOf(
        pulumi.output({
          network: backbone.network,
          gatewayUrl: backbone.gatewayUrl,
          postgres: backbone.postgres,
          redis: backbone.redis,
          postgresInstance: backbone.postgresInstance,
          redisReplicationGroup: backbone.redisReplicationGroup,
          dnsName: backbone.gateway.dnsName,
          arnSuffix: backbone.gateway.arnSuffix,
          privateSubnetIds: backbone.privateSubnetIds,
          service: backbone.serviceSecurityGroupId,
          hook: backbone.hookSecurityGroupId,
        }),
      ),
      {
        network: "backbone-network-vpc-id",
        gatewayUrl: "https://staging.example.com",
        postgres: {
          host: "postgres.example.com",
          port: 5432,
          database: "slipway",
          user: "slipway",
          password: {
            arn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds",
            key: "password",
          },
        },
        redis: {
          host: "redis.example.com",
          port: 6379,
          password: {
            arn: "arn:aws:secretsmanager:eu-central-1:123456789012:secretVersion/backbone-redis-secret-version",
            key: undefined,
          },
        },
        postgresInstance: "slipway-staging-postgres",
        redisReplicationGroup: "slipway-staging-redis",
        dnsName: "gateway.example.com",
        arnSuffix: "app/gateway/1",
        privateSubnetIds: [
          "backbone-network-private-eu-central-1a-id",
          "backbone-network-private-eu-central-1b-id",
        ],
        service: "backbone-security-service-id",
        hook: "backbone-security-hook-id",
      },
    );
  });

  it("encrypts every log group with the operations key and keeps it as long as it is told", () => {
    for (const [backbone, days] of [
      [staging, 30],
      [production, 365],
    ] as const) {
      for (const [name, inputs] of Object.entries(backbone.all("cloudwatch/logGroup:LogGroup"))) {
        assert.deepEqual(
          [inputs["kmsKeyId"], inputs["retentionInDays"]],
          ["arn:aws:kms:eu-central-1:123456789012:key/backbone-keys-operations", days],
          name,
        );
      }
    }
  });

  it("keeps every name within what AWS allows for the longest prefix", async () => {
    const { all } = await declareBackbone({ ...small, prefix: "abcdefghijklmnopqrst" });
    const longest = (type: string, key: string) =>
      Math.max(...Object.values(all(type)).map((inputs) => String(inputs[key]).length));
    assert.ok(longest("lb/loadBalancer:LoadBalancer", "name") <= 32);
    assert.ok(longest("elasticache/replicationGroup:ReplicationGroup", "replicationGroupId") <= 40);
    assert.ok(longest("rds/instance:Instance", "identifier") <= 63);
    assert.ok(longest("s3/bucket:Bucket", "bucket") <= 63);
    assert.ok(longest("iam/role:Role", "name") <= 64);
  });

  it("refuses a bad prefix and a bad network at once, before any resource", async () => {
    await assert.rejects(
      declareBackbone({ ...small, prefix: "Slipway_", cidr: "10.20.0.0/28", zones: ["eu-central-1a"] }),
      (error: Error) => {
        assert.deepEqual(error.message.split("\n"), [
          'prefix "Slipway_" cannot start the names of AWS resources; allowed are 1 to 20 lower-case letters, digits and single hyphens, beginning with a letter. Choose one such as slipway-staging.',
          "cidr 10.20.0.0/28 has 16 addresses; allowed are /22 (1,024) to /16 (65,536). Choose a prefix length from 16 to 22.",
          "zones has only eu-central-1a; at least 2 are needed, so that one may fail. Add another zone of eu-central-1.",
        ]);
        return true;
      },
    );
    for (const prefix of ["", "a--b", "a-", "-a", "1a", "abcdefghijklmnopqrstu"]) {
      await assert.rejects(declareBackbone({ ...small, prefix }), /cannot start the names/, prefix);
    }
  });
});
