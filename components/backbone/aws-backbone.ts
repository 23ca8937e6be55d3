import * as pulumi from "@pulumi/pulumi";
import { AwsEndpoints } from "./aws-endpoints";
import { AwsLoadBalancer } from "./aws-gateway";
import { AwsKeys } from "./aws-keys";
import { AwsNetwork } from "./aws-network";
import type { AwsGateway, AwsPlatform } from "./aws-platform";
import { AwsPostgres, type PostgresSize } from "./aws-postgres";
import { AwsRedis, type RedisSize } from "./aws-redis";
import { AwsSecurityGroups } from "./aws-security-groups";
import type { PostgresEndpoint, RedisEndpoint, SecretReference } from "./backbone";
import { planSubnets } from "./subnets";
import { faultOf } from "../fault";

export interface AwsBackboneArgs {
  /** Start of every name: at most 20 lower-case letters, digits and single hyphens, such as `slipway-staging`. */
  readonly prefix: string;
  /** The AWS account, 12 digits: policies name it. */
  readonly accountId: string;
  readonly region: string;
  /** At least two availability zones of the region. */
  readonly zones: readonly string[];
  /** The network's addresses, private, from /16 to /22. A change replaces everything. */
  readonly cidr: string;
  /** Networks that this one may be joined with some day, so must not overlap: those of other environments. */
  readonly reservedCidrs: readonly string[];
  readonly natGateways: "one" | "per-zone";
  /** Where the world reaches the gateway: `https://<domain>`. */
  readonly domain: string;
  /** The ACM certificate of the gateway's listeners. */
  readonly certificateArn: pulumi.Input<string>;
  /** Where services listen. */
  readonly servicePort: number;
  /** Keeps what holds data, and the gateway, from being destroyed, by Pulumi and by AWS. */
  readonly protect: boolean;
  readonly logRetentionDays: number;
  readonly postgres: PostgresSize;
  readonly redis: RedisSize;
  /** A text whose change makes Redis' password anew. */
  readonly redisPasswordRotation: string;
}

/**
 * The backbone on AWS: network, load balancer, Postgres on RDS and Valkey on ElastiCache, with a KMS key for each kind of data.
 *
 *     const backbone = new AwsBackbone("backbone", { prefix: "slipway-staging", region: "eu-central-1", zones, cidr: "10.20.0.0/16", … });
 *     backbone.postgres.password; // where the password is; the stack never has it
 *
 * What runs on it depends on the whole of it: `{ dependsOn: [backbone] }`.
 *
 * @throws pulumi.ResourceError with everything that is wrong with `prefix`, `zones`, `cidr` and `reservedCidrs`, before any resource
 */
export class AwsBackbone extends pulumi.ComponentResource implements AwsPlatform {
  readonly network: pulumi.Output<string>;
  readonly postgres: PostgresEndpoint<SecretReference>;
  readonly redis: RedisEndpoint<SecretReference>;
  readonly gatewayUrl: pulumi.Output<string>;
  readonly vpcId: pulumi.Output<string>;
  readonly privateSubnetIds: pulumi.Output<string>[];
  readonly serviceSecurityGroupId: pulumi.Output<string>;
  readonly hookSecurityGroupId: pulumi.Output<string>;
  readonly gateway: AwsGateway;
  readonly postgresInstance: pulumi.Output<string>;
  readonly postgresInstanceArn: pulumi.Output<string>;
  readonly redisReplicationGroup: pulumi.Output<string>;
  readonly operationsKeyArn: pulumi.Output<string>;
  readonly secretsKeyArn: pulumi.Output<string>;

  constructor(name: string, args: AwsBackboneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:AwsBackbone", name, args, opts);
    const plan = planSubnets(args);
    const faults = [...prefixFaults(args.prefix), ...plan.faults];
    if (faults.length > 0) throw faultOf(this, faults.join("\n"));

    const parent = { parent: this };
    const { prefix, region, accountId, cidr, natGateways, servicePort, protect } = args;
    const keys = new AwsKeys(`${name}-keys`, { prefix, region, accountId, protect }, parent);
    const logs = { kmsKeyId: keys.operationsArn, retentionInDays: args.logRetentionDays };
    const network = new AwsNetwork(
      `${name}-network`,
      { prefix, region, cidr, subnets: plan.subnets, natGateways, logs },
      parent,
    );
    const { vpcId, subnetIds, natAddresses, s3PrefixListId } = network;
    const { ids } = new AwsSecurityGroups(
      `${name}-security`,
      { prefix, vpcId, s3PrefixListId, natAddresses, servicePort },
      parent,
    );
    new AwsEndpoints(
      `${name}-endpoints`,
      { prefix, region, vpcId, subnetIds: subnetIds.private, securityGroupId: ids.endpoints },
      parent,
    );
    const store = { prefix, subnetIds: subnetIds.data, secretsKeyArn: keys.secretsArn, logs, protect };
    const postgres = new AwsPostgres(
      `${name}-postgres`,
      { ...args.postgres, ...store, securityGroupId: ids.postgres, storageKeyArn: keys.postgresArn },
      parent,
    );
    const redis = new AwsRedis(
      `${name}-redis`,
      {
        ...args.redis,
        ...store,
        securityGroupId: ids.redis,
        storageKeyArn: keys.redisArn,
        passwordRotation: args.redisPasswordRotation,
      },
      parent,
    );
    this.gateway = new AwsLoadBalancer(
      `${name}-gateway`,
      {
        ...{ prefix, accountId, logs, protect },
        subnetIds: subnetIds.public,
        securityGroupId: ids.gateway,
        certificateArn: args.certificateArn,
      },
      parent,
    );

    this.network = vpcId;
    this.vpcId = vpcId;
    this.privateSubnetIds = subnetIds.private;
    this.serviceSecurityGroupId = ids.service;
    this.hookSecurityGroupId = ids.hook;
    this.postgres = postgres.endpoint;
    this.postgresInstance = postgres.instance;
    this.postgresInstanceArn = postgres.arn;
    this.redis = redis.endpoint;
    this.redisReplicationGroup = redis.replicationGroup;
    this.operationsKeyArn = keys.operationsArn;
    this.secretsKeyArn = keys.secretsArn;
    this.gatewayUrl = pulumi.output(`https://${args.domain}`);
    this.registerOutputs({ network: this.network, gatewayUrl: this.gatewayUrl });
  }
}

/** 20 letters leave room for the longest role where AWS allows 32; RDS takes no two hyphens in a row. */
function prefixFaults(prefix: string): string[] {
  if (prefix.length <= 20 && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(prefix)) return [];
  return [
    `prefix "${prefix}" cannot start the names of AWS resources; allowed are 1 to 20 lower-case letters, digits and single hyphens, ` +
      "beginning with a letter. Choose one such as slipway-staging.",
  ];
}
