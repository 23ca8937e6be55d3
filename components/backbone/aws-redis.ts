import { LogGroup } from "@pulumi/aws/cloudwatch";
import * as elasticache from "@pulumi/aws/elasticache";
import { Secret, SecretVersion } from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { finalSnapshotName } from "./aws-keys";
import type { LogStorage } from "./aws-platform";
import type { RedisEndpoint, SecretReference } from "./backbone";

/** What a stack decides about its cache. */
export interface RedisSize {
  /** Such as `cache.t4g.small`. */
  readonly nodeType: string;
  /** Beside the primary, each in another zone; with 0 nothing takes over when it fails. */
  readonly replicas: number;
  /** Daily snapshots are kept so long; 1 to 35. */
  readonly snapshotDays: number;
  /** Of Valkey, such as `8.0`. */
  readonly engineVersion: string;
}

export interface AwsRedisArgs extends RedisSize {
  readonly prefix: string;
  readonly subnetIds: pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  /** Encrypts data and snapshots. A change replaces the cache. */
  readonly storageKeyArn: pulumi.Input<string>;
  readonly secretsKeyArn: pulumi.Input<string>;
  readonly logs: LogStorage;
  /** A text whose change makes the password anew; the one before stays valid until the next change. */
  readonly passwordRotation: string;
  /** Keeps it and its password from being destroyed. */
  readonly protect: boolean;
}

const port = 6379;

/**
 * Valkey, which speaks Redis, on ElastiCache: TLS only, a password, encrypted data, least recently used keys evicted. The password is in the secret
 * `<prefix>/redis-password`, and in the stack's state, encrypted.
 *
 * Destroying it takes a last snapshot. Its password's secret can be taken back for 30 days where `protect` is true, else it is gone at once.
 */
export class AwsRedis extends pulumi.ComponentResource {
  readonly endpoint: RedisEndpoint<SecretReference>;
  /** The replication group's id. */
  readonly replicationGroup: pulumi.Output<string>;

  constructor(name: string, args: AwsRedisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:AwsRedis", name, args, opts);
    const parent = { parent: this };
    const id = `${args.prefix}-redis`;
    const major = args.engineVersion.split(".")[0] ?? args.engineVersion;
    const subnets = new elasticache.SubnetGroup(
      `${name}-subnets`,
      { name: id, description: "The data subnets", subnetIds: args.subnetIds },
      parent,
    );
    const settings = new elasticache.ParameterGroup(
      `${name}-settings`,
      {
        name: `${id}-valkey${major}`,
        description: "A cache: least recently used keys are evicted",
        family: `valkey${major}`,
        parameters: [{ name: "maxmemory-policy", value: "allkeys-lru" }],
      },
      parent,
    );
    const logDeliveryConfigurations = ["slow-log", "engine-log"].map((logType) => {
      const group = new LogGroup(
        `${name}-${logType}`,
        { name: `/${args.prefix}/redis/${logType}`, ...args.logs },
        parent,
      );
      return {
        destination: group.name,
        destinationType: "cloudwatch-logs",
        logFormat: "json",
        logType,
      };
    });
    // Letters and digits: ElastiCache refuses @, " and / in it, and it travels in connection strings. 128 are the most it takes.
    const password = pulumi.secret(
      new RandomPassword(
        `${name}-password`,
        { length: 64, special: false, keepers: { rotation: args.passwordRotation } },
        parent,
      ).result,
    );
    const group = new elasticache.ReplicationGroup(
      name,
      {
        replicationGroupId: id,
        description: `${args.prefix}: the cache`,
        engine: "valkey",
        engineVersion: args.engineVersion,
        autoMinorVersionUpgrade: true,
        nodeType: args.nodeType,
        numCacheClusters: args.replicas + 1,
        automaticFailoverEnabled: args.replicas > 0,
        multiAzEnabled: args.replicas > 0,
        port,
        subnetGroupName: subnets.name,
        securityGroupIds: [args.securityGroupId],
        parameterGroupName: settings.name,
        transitEncryptionEnabled: true,
        transitEncryptionMode: "required",
        atRestEncryptionEnabled: true,
        kmsKeyId: args.storageKeyArn,
        authToken: password,
        authTokenUpdateStrategy: "ROTATE",
        snapshotRetentionLimit: args.snapshotDays,
        snapshotWindow: "01:00-02:00",
        maintenanceWindow: "sun:02:30-sun:03:30",
        finalSnapshotIdentifier: finalSnapshotName(id, args.storageKeyArn),
        logDeliveryConfigurations,
      },
      { parent: this, protect: args.protect },
    );
    const secret = new Secret(
      `${name}-secret`,
      {
        name: `${args.prefix}/redis-password`,
        description: "Password of the cache; made and rotated by the stack",
        kmsKeyId: args.secretsKeyArn,
        recoveryWindowInDays: args.protect ? 30 : 0,
      },
      { parent: this, protect: args.protect },
    );
    // Whoever reads it finds a password that the cache already takes.
    const version = new SecretVersion(
      `${name}-secret-version`,
      { secretId: secret.id, secretString: password },
      { parent: this, dependsOn: [group] },
    );
    this.endpoint = {
      host: group.primaryEndpointAddress,
      port,
      password: { arn: version.arn, key: undefined },
    };
    this.replicationGroup = group.replicationGroupId;
    this.registerOutputs({ replicationGroup: this.replicationGroup, host: group.primaryEndpointAddress });
  }
}
