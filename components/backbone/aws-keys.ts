import { Alias, Key } from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";

export interface AwsKeysArgs {
  /** Start of the aliases: `alias/<prefix>-operations`. */
  readonly prefix: string;
  readonly region: string;
  readonly accountId: string;
  /** Keeps the keys of stored data and secrets from being destroyed: without its key, data is lost. */
  readonly protect: boolean;
}

type Statement = Record<string, unknown>;

/**
 * The KMS keys, one for each kind of data, so that a grant on one opens nothing else: `operations` for logs, topics and functions,
 * `secrets`, and one for each store. AWS makes new key material every year.
 *
 * Who may use a key is said by roles' own policies, but for services that act without one: CloudWatch Logs, and what publishes to
 * encrypted topics. A destroyed key can be taken back for 30 days; after that, what it encrypted is lost.
 */
export class AwsKeys extends pulumi.ComponentResource {
  readonly operationsArn: pulumi.Output<string>;
  readonly secretsArn: pulumi.Output<string>;
  readonly postgresArn: pulumi.Output<string>;
  readonly redisArn: pulumi.Output<string>;

  constructor(name: string, args: AwsKeysArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:AwsKeys", name, args, opts);
    const key = (role: string, description: string, statements: Statement[], protect: boolean) => {
      const made = new Key(
        `${name}-${role}`,
        {
          description: `${args.prefix}: ${description}`,
          enableKeyRotation: true,
          deletionWindowInDays: 30,
          policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [accountMayDelegate(args.accountId), ...statements],
          }),
        },
        { parent: this, protect },
      );
      new Alias(
        `${name}-${role}-alias`,
        { name: `alias/${args.prefix}-${role}`, targetKeyId: made.keyId },
        { parent: this },
      );
      return made.arn;
    };
    this.operationsArn = key(
      "operations",
      "logs, topics, functions",
      [logsMayEncrypt(args), publishersMayEncrypt(args.accountId)],
      false,
    );
    this.secretsArn = key("secrets", "secrets", [], args.protect);
    this.postgresArn = key("postgres", "the database, its backups and insights", [], args.protect);
    this.redisArn = key("redis", "the cache and its snapshots", [], args.protect);
    this.registerOutputs({ operationsArn: this.operationsArn, secretsArn: this.secretsArn });
  }
}

/**
 * What the last snapshot of a destroyed store is called: `<store>-final-<start of its key's id>`. A stack that is made anew has new keys, so
 * the snapshots of two never have one name, which AWS would refuse.
 */
export function finalSnapshotName(store: string, keyArn: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi
    .output(keyArn)
    .apply((arn) => `${store}-final-${arn.slice(arn.indexOf("/") + 1).slice(0, 8)}`);
}

/** In a key's policy `*` is this key. Without this statement nobody could ever change the policy again. */
function accountMayDelegate(accountId: string): Statement {
  return {
    Sid: "AccountDelegatesByRoles",
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${accountId}:root` },
    Action: "kms:*",
    Resource: "*",
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
function logsMayEncrypt({ region, accountId }: AwsKeysArgs): Statement {
  return {
    Sid: "LogGroupsOfThisAccount",
    Effect: "Allow",
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    Resource: "*",
    Condition: {
      ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${accountId}:log-group:*` },
    },
  };
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html: alarms and budgets publish as themselves. */
function publishersMayEncrypt(accountId: string): Statement {
  return {
    Sid: "AlarmsAndBudgetsOfThisAccount",
    Effect: "Allow",
    Principal: { Service: ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] },
    Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
    Resource: "*",
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
}
