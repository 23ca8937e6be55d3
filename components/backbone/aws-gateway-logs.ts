import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";

export interface AwsGatewayLogsArgs {
  readonly prefix: string;
  readonly accountId: string;
  /** After so many days an object is removed. */
  readonly retentionDays: number;
  /** Keeps the bucket from being destroyed while there are logs in it. */
  readonly protect: boolean;
}

/**
 * The bucket of the load balancer's logs, under `access/` and `connection/`: private, versioned, only over TLS, cleared by age.
 *
 * Encrypted with S3's own keys, the only ones that load balancers can write with (so not CKV_AWS_145), and with no log or copy of its own
 * (CKV_AWS_18, CKV_AWS_144): it is the log.
 */
export class AwsGatewayLogs extends pulumi.ComponentResource {
  /** The bucket's name, known once the load balancer may write there. */
  readonly bucket: pulumi.Output<string>;

  constructor(name: string, args: AwsGatewayLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:AwsGatewayLogs", name, args, opts);
    const parent = { parent: this };
    const made = new s3.Bucket(
      name,
      { bucket: `${args.prefix}-gateway-logs-${args.accountId}`, forceDestroy: !args.protect },
      parent,
    );
    const bucket = made.id;
    const access = new s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      parent,
    );
    new s3.BucketOwnershipControls(
      `${name}-ownership`,
      { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      parent,
    );
    new s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      parent,
    );
    const versioning = new s3.BucketVersioning(
      `${name}-versioning`,
      { bucket, versioningConfiguration: { status: "Enabled" } },
      parent,
    );
    new s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        bucket,
        rules: [
          {
            id: "clear-by-age",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: args.retentionDays },
            noncurrentVersionExpiration: { noncurrentDays: 7 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
      { parent: this, dependsOn: [versioning] },
    );
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    const policy = new s3.BucketPolicy(
      `${name}-policy`,
      {
        bucket,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "OnlyOverTls",
              Effect: "Deny",
              Principal: "*",
              Action: "s3:*",
              Resource: [made.arn, pulumi.interpolate`${made.arn}/*`],
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
            {
              Sid: "LoadBalancersOfThisAccountWrite",
              Effect: "Allow",
              Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
              Action: "s3:PutObject",
              Resource: ["access", "connection"].map(
                (folder) => pulumi.interpolate`${made.arn}/${folder}/AWSLogs/${args.accountId}/*`,
              ),
            },
          ],
        }),
      },
      { parent: this, dependsOn: [access] },
    );
    this.bucket = policy.bucket;
    this.registerOutputs({ bucket: this.bucket });
  }
}
