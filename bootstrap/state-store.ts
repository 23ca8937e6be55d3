import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface StateStoreArgs {
  /** The AWS account that it is in. */
  readonly account: pulumi.Input<string>;
  /** Start of the bucket's name; the account follows, as names of buckets are the world's. */
  readonly prefix: string;
  /** The Pulumi project whose stacks are kept. */
  readonly project: string;
  /** By environment, the account whose deploy role keeps its stack here. */
  readonly deployers: Readonly<Record<string, string>>;
}

/** The name of an environment's deploy role; outside of what a stack itself may touch. */
export const deployRoleName = (environment: string): string => `github-${environment}-deploy`;

/** Which environment an environment reads: what runs there, and for how long. */
export const reads: Readonly<Record<string, string>> = { production: "staging" };

/**
 * The bucket that holds the state of all stacks: versioned, encrypted by a KMS key of its own, over TLS only, closed to the public. A deploy
 * role reaches its own stack's files alone, and may read the state of the environment before it.
 *
 * Destroying it is refused while anything is in it.
 */
export class StateStore extends pulumi.ComponentResource {
  /** For PULUMI_BACKEND_URL. */
  readonly backend: pulumi.Output<string>;

  constructor(name: string, args: StateStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:bootstrap:StateStore", name, args, opts);
    const parent = { parent: this };
    const guarded = { parent: this, protect: true };
    const account = pulumi.output(args.account);
    const principals = Object.entries(args.deployers).map(
      ([environment, id]) => `arn:aws:iam::${id}:role/${deployRoleName(environment)}`,
    );
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: "Encrypts the state of the stacks",
        enableKeyRotation: true,
        policy: account.apply((id) => JSON.stringify(keyPolicy(id, principals))),
      },
      guarded,
    );
    const bucket = new aws.s3.Bucket(
      `${name}-bucket`,
      { bucket: pulumi.interpolate`${args.prefix}-state-${account}` },
      guarded,
    );
    const guards = [
      new aws.s3.BucketVersioning(
        `${name}-versions`,
        { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } },
        parent,
      ),
      new aws.s3.BucketServerSideEncryptionConfiguration(
        `${name}-encryption`,
        {
          bucket: bucket.id,
          rules: [
            {
              applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
              bucketKeyEnabled: true,
            },
          ],
        },
        parent,
      ),
      new aws.s3.BucketPublicAccessBlock(
        `${name}-private`,
        {
          bucket: bucket.id,
          blockPublicAcls: true,
          blockPublicPolicy: true,
          ignorePublicAcls: true,
          restrictPublicBuckets: true,
        },
        parent,
      ),
      new aws.s3.BucketLifecycleConfiguration(
        `${name}-expiry`,
        {
          bucket: bucket.id,
          rules: [
            {
              id: "old-versions",
              status: "Enabled",
              filter: {},
              noncurrentVersionExpiration: { noncurrentDays: 365 },
              abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
            },
          ],
        },
        parent,
      ),
    ];
    const policy = new aws.s3.BucketPolicy(
      `${name}-policy`,
      {
        bucket: bucket.id,
        policy: bucket.arn.apply((arn) => JSON.stringify(bucketPolicy(arn, args.project, args.deployers))),
      },
      { parent: this, dependsOn: guards },
    );
    this.backend = pulumi.interpolate`s3://${policy.bucket}`;
    this.registerOutputs({ backend: this.backend });
  }
}

/** The account's administrators manage the key; deploy roles use it, through S3 only. */
export function keyPolicy(account: string, principals: readonly string[]): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Administrators",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "Deployers",
        Effect: "Allow",
        Principal: { AWS: principals },
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: "*",
        Condition: { StringLike: { "kms:ViaService": "s3.*.amazonaws.com" } },
      },
    ],
  };
}

/** Where Pulumi's file backend keeps what belongs to one stack. */
export function stackFiles(project: string, stack: string): string[] {
  return [
    `.pulumi/stacks/${project}/${stack}.json*`,
    `.pulumi/backups/${project}/${stack}/*`,
    `.pulumi/history/${project}/${stack}/*`,
    `.pulumi/locks/organization/${project}/${stack}/*`,
  ];
}

/** Each deploy role writes its own stack's files, and reads those of the environment before. */
export function bucketPolicy(
  arn: string,
  project: string,
  deployers: Readonly<Record<string, string>>,
): object {
  const perEnvironment = Object.entries(deployers).flatMap(([environment, id]) => {
    const AWS = `arn:aws:iam::${id}:role/${deployRoleName(environment)}`;
    const before = reads[environment];
    return [
      statement(`List-${environment}`, AWS, ["s3:ListBucket"], [arn]),
      statement(
        `Read-${environment}`,
        AWS,
        ["s3:GetObject"],
        [
          `${arn}/.pulumi/meta.yaml`,
          ...(before === undefined ? [] : [`${arn}/.pulumi/stacks/${project}/${before}.json`]),
        ],
      ),
      statement(
        `Write-${environment}`,
        AWS,
        ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        stackFiles(project, environment).map((path) => `${arn}/${path}`),
      ),
    ];
  });
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      ...perEnvironment,
    ],
  };
}

/** Sids are letters and digits. */
function statement(sid: string, AWS: string, Action: string[], Resource: string[]): object {
  return { Sid: sid.replace("-", ""), Effect: "Allow", Principal: { AWS }, Action, Resource };
}
