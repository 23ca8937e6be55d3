import { createHash } from "node:crypto";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { Bucket } from "@pulumi/aws/s3/bucket";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration";
import { BucketObjectv2 } from "@pulumi/aws/s3/bucketObjectv2";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration";
import { Canary } from "@pulumi/aws/synthetics/canary";
import * as pulumi from "@pulumi/pulumi";
import { makeAlarms } from "./alarm";
import { trust } from "../iam";
import { canaryPolicy, tlsOnly } from "./synthetics-policies";

export interface SyntheticsArgs {
  readonly prefix: string;
  /** What the flows are walked through on, such as `https://staging.example.com`. */
  readonly url: string;
  /** The bundled script's text; it exports `handler`. */
  readonly code: string;
  readonly operationsKeyArn: pulumi.Input<string>;
  /** Topic that alarms are told to; its ARN also tells region and account. */
  readonly topicArn: pulumi.Input<string>;
}

const everyMinutes = 5;
const keepDays = 31;

/**
 * A canary that walks through the service's three key flows every five minutes, from outside: the homepage within two seconds, signing in,
 * writing an entry and seeing it. Two runs in a row that fail, or that never come, set off its alarm.
 *
 * It leaves an entry a run behind, signed "Synthetic check". What a run leaves in the bucket goes after 31 days, and with the bucket.
 */
export class Synthetics extends pulumi.ComponentResource {
  readonly canaryName: string;

  constructor(name: string, args: SyntheticsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:observability:Synthetics", name, { ...args, code: undefined }, opts);
    this.canaryName = `${args.prefix}-flows`;
    const child = { parent: this };

    const bucket = new Bucket(
      `${name}-runs`,
      // Canaries' artifacts can be measured and made again: nothing here is worth keeping a stack for.
      { bucketPrefix: `${args.prefix}-synthetics-`, forceDestroy: true },
      child,
    );
    const guards = [
      new BucketPublicAccessBlock(
        `${name}-private`,
        {
          bucket: bucket.id,
          blockPublicAcls: true,
          blockPublicPolicy: true,
          ignorePublicAcls: true,
          restrictPublicBuckets: true,
        },
        child,
      ),
      new BucketServerSideEncryptionConfiguration(
        `${name}-encrypted`,
        {
          bucket: bucket.id,
          rules: [
            {
              applyServerSideEncryptionByDefault: {
                sseAlgorithm: "aws:kms",
                kmsMasterKeyId: args.operationsKeyArn,
              },
              bucketKeyEnabled: true,
            },
          ],
        },
        child,
      ),
      new BucketPolicy(
        `${name}-tls-only`,
        { bucket: bucket.id, policy: bucket.arn.apply((arn) => JSON.stringify(tlsOnly(arn))) },
        child,
      ),
      new BucketLifecycleConfiguration(
        `${name}-expiry`,
        {
          bucket: bucket.id,
          rules: [
            {
              id: "runs",
              status: "Enabled",
              filter: { prefix: "runs/" },
              expiration: { days: keepDays },
              abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
            },
          ],
        },
        child,
      ),
    ];

    const role = new Role(
      `${name}-role`,
      // Lambda runs canaries.
      { name: `${this.canaryName}-canary`, assumeRolePolicy: trust("lambda.amazonaws.com") },
      child,
    );
    const permission = new RolePolicy(
      `${name}-permission`,
      {
        role: role.id,
        policy: pulumi
          .all([bucket.arn, args.operationsKeyArn, args.topicArn])
          .apply(([bucketArn, keyArn, topicArn]) =>
            JSON.stringify(canaryPolicy(bucketArn, keyArn, this.logGroups(topicArn))),
          ),
      },
      child,
    );

    // A key of its own for every script: that another one is to run shows in the plan, and an earlier one is never overwritten.
    const hash = createHash("sha256").update(args.code).digest("hex").slice(0, 16);
    const script = new BucketObjectv2(
      `${name}-script`,
      {
        bucket: bucket.id,
        key: `scripts/${hash}.zip`,
        // Runtimes differ in where they look: at the root, or in the folder that Lambda layers have.
        source: new pulumi.asset.AssetArchive({
          "flows.js": new pulumi.asset.StringAsset(args.code),
          "nodejs/node_modules/flows.js": new pulumi.asset.StringAsset(args.code),
        }),
      },
      { ...child, dependsOn: guards },
    );
    new Canary(
      `${name}-canary`,
      {
        name: this.canaryName,
        // Node 22, without a browser.
        runtimeVersion: "syn-nodejs-4.1",
        handler: "flows.handler",
        s3Bucket: script.bucket,
        s3Key: script.key,
        executionRoleArn: role.arn,
        artifactS3Location: pulumi.interpolate`s3://${bucket.id}/runs/`,
        artifactConfig: { s3Encryption: { encryptionMode: "SSE_KMS", kmsKeyArn: args.operationsKeyArn } },
        kmsKeyArn: args.operationsKeyArn,
        schedule: { expression: `rate(${everyMinutes} minutes)` },
        runConfig: {
          timeoutInSeconds: 60,
          memoryInMb: 960,
          environmentVariables: { BASE_URL: args.url },
        },
        successRetentionPeriod: keepDays,
        failureRetentionPeriod: keepDays,
        startCanary: true,
        deleteLambda: true,
      },
      { ...child, dependsOn: [permission, ...guards] },
    );
    makeAlarms(this, name, args.prefix, args.topicArn, [
      {
        role: "flows",
        alarmDescription: `The key flows of ${args.url} pass: homepage, sign-in, writing an entry`,
        namespace: "CloudWatchSynthetics",
        metricName: "SuccessPercent",
        dimensions: { CanaryName: this.canaryName },
        period: everyMinutes * 60,
        statistic: "Average",
        comparisonOperator: "LessThanThreshold",
        threshold: 100,
        evaluationPeriods: 2,
        // A canary that does not run sees nothing.
        treatMissingData: "breaching",
      },
    ]);
    this.registerOutputs({ canaryName: this.canaryName });
  }

  /** ARN of the log groups of the function that AWS makes for the canary. */
  private logGroups(topicArn: string): string {
    const [, partition, , region, account] = topicArn.split(":");
    return `arn:${partition}:logs:${region}:${account}:log-group:/aws/lambda/cwsyn-${this.canaryName}-*`;
  }
}
