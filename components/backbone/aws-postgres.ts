import { LogGroup } from "@pulumi/aws/cloudwatch";
import { Role, RolePolicyAttachment } from "@pulumi/aws/iam";
import * as rds from "@pulumi/aws/rds";
import { SecretRotation } from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import { trust } from "../iam";
import { finalSnapshotName } from "./aws-keys";
import type { LogStorage } from "./aws-platform";
import type { PostgresEndpoint, SecretReference } from "./backbone";

/** What a stack decides about its database. */
export interface PostgresSize {
  /** Such as `db.t4g.small`. */
  readonly instanceClass: string;
  readonly storageGb: number;
  /** Storage grows by itself up to this; at least a tenth more than `storageGb`. */
  readonly maxStorageGb: number;
  /** A standby in another zone that takes over within about a minute. */
  readonly multiAz: boolean;
  /** For so many days any point in time can be restored; 1 to 35. */
  readonly backupDays: number;
  /** Minor versions come by themselves. */
  readonly majorVersion: string;
  readonly database: string;
  readonly user: string;
  /** RDS makes the password anew so often, in the window below; who read the old one must read again. 1 to 90. */
  readonly passwordRotationDays: number;
}

export interface AwsPostgresArgs extends PostgresSize {
  readonly prefix: string;
  readonly subnetIds: pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  /** Encrypts storage, backups and insights. A change replaces the database. */
  readonly storageKeyArn: pulumi.Input<string>;
  readonly secretsKeyArn: pulumi.Input<string>;
  readonly logs: LogStorage;
  /** Keeps it from being destroyed, by Pulumi and by AWS. */
  readonly protect: boolean;
}

const port = 5432;

/**
 * Only TLS gets in. Logged are who comes and goes, what waits, statements of half a second or more, and every change of the schema: no password is
 * ever in such a statement, since RDS keeps the only one and other users come by IAM.
 */
const parameters = {
  "rds.force_ssl": "1",
  log_connections: "1",
  log_disconnections: "1",
  log_lock_waits: "1",
  log_statement: "ddl",
  log_min_duration_statement: "500",
  idle_in_transaction_session_timeout: "60000",
};

const exportedLogs = ["postgresql", "upgrade"];

/**
 * Postgres on RDS, in the data subnets. RDS makes the user's password and keeps it in Secrets Manager; nothing else ever has it.
 *
 * Destroying it takes a last snapshot, `<prefix>-postgres-final-<start of its key's id>`, and keeps the automated backups. `database`, `user`
 * and the key cannot be changed without a new database.
 */
export class AwsPostgres extends pulumi.ComponentResource {
  readonly endpoint: PostgresEndpoint<SecretReference>;
  /** The instance's identifier. */
  readonly instance: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: AwsPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:AwsPostgres", name, args, opts);
    const parent = { parent: this };
    const identifier = `${args.prefix}-postgres`;
    const subnets = new rds.SubnetGroup(
      `${name}-subnets`,
      { name: identifier, description: "The data subnets", subnetIds: args.subnetIds },
      parent,
    );
    const settings = new rds.ParameterGroup(
      `${name}-settings`,
      {
        name: `${identifier}-${args.majorVersion}`,
        description: "TLS only; connections, waits, slow statements and changes of the schema are logged",
        family: `postgres${args.majorVersion}`,
        parameters: Object.entries(parameters).map(([key, value]) => ({ name: key, value })),
      },
      parent,
    );
    // RDS would make them itself: unencrypted, and kept for ever.
    const groups = exportedLogs.map(
      (log) =>
        new LogGroup(
          `${name}-${log}-log`,
          { name: `/aws/rds/instance/${identifier}/${log}`, ...args.logs },
          parent,
        ),
    );
    const monitor = new Role(
      `${name}-monitor`,
      {
        name: `${identifier}-monitor`,
        description: "Sends the database host's metrics",
        assumeRolePolicy: trust("monitoring.rds.amazonaws.com"),
      },
      parent,
    );
    const monitorPolicy = new RolePolicyAttachment(
      `${name}-monitor-policy`,
      {
        role: monitor.name,
        policyArn: "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
      },
      parent,
    );
    const instance = new rds.Instance(
      name,
      {
        identifier,
        engine: "postgres",
        engineVersion: args.majorVersion,
        autoMinorVersionUpgrade: true,
        instanceClass: args.instanceClass,
        storageType: "gp3",
        allocatedStorage: args.storageGb,
        maxAllocatedStorage: args.maxStorageGb,
        storageEncrypted: true,
        kmsKeyId: args.storageKeyArn,
        multiAz: args.multiAz,
        dbSubnetGroupName: subnets.name,
        vpcSecurityGroupIds: [args.securityGroupId],
        publiclyAccessible: false,
        port,
        caCertIdentifier: "rds-ca-rsa2048-g1",
        parameterGroupName: settings.name,
        dbName: args.database,
        username: args.user,
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: args.secretsKeyArn,
        iamDatabaseAuthenticationEnabled: true,
        backupRetentionPeriod: args.backupDays,
        backupWindow: "01:00-02:00",
        maintenanceWindow: "sun:02:30-sun:03:30",
        copyTagsToSnapshot: true,
        deleteAutomatedBackups: false,
        skipFinalSnapshot: false,
        finalSnapshotIdentifier: finalSnapshotName(identifier, args.storageKeyArn),
        deletionProtection: args.protect,
        performanceInsightsEnabled: true,
        performanceInsightsKmsKeyId: args.storageKeyArn,
        performanceInsightsRetentionPeriod: 7,
        monitoringInterval: 60,
        monitoringRoleArn: monitor.arn,
        enabledCloudwatchLogsExports: exportedLogs,
      },
      { parent: this, protect: args.protect, dependsOn: [...groups, monitorPolicy] },
    );
    const secretArn = instance.masterUserSecrets.apply(([secret]) => {
      if (secret === undefined) throw new Error(`RDS made no secret for the user of ${identifier}.`);
      return secret.secretArn;
    });
    new SecretRotation(
      `${name}-password-rotation`,
      {
        secretId: secretArn,
        rotateImmediately: false,
        rotationRules: { automaticallyAfterDays: args.passwordRotationDays },
      },
      parent,
    );
    this.endpoint = {
      host: instance.address,
      port,
      database: args.database,
      user: args.user,
      password: { arn: secretArn, key: "password" },
    };
    this.instance = instance.identifier;
    this.arn = instance.arn;
    this.registerOutputs({ instance: this.instance, host: instance.address });
  }
}
