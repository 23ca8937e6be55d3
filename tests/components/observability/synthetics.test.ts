import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { Synthetics } from "../../../components/observability/synthetics";
import { declaredBy, type Declared } from "../../support/mocks";

describe("synthetics", () => {
  let declared: Declared[];
  const inputs = (wanted: string): Record<string, unknown> =>
    declared.find(({ name }) => name === wanted)?.inputs ?? {};
  before(async () => {
    declared = await declaredBy(
      () =>
        new Synthetics("synthetics", {
          prefix: "slipway-staging",
          url: "https://staging.example.com",
          code: "exports.handler = async () => undefined;",
          operationsKeyArn: "arn:key",
          topicArn: "arn:aws:sns:eu-central-1:111122223333:slipway-staging-alarms",
        }),
      "staging",
      { "aws:s3/bucket:Bucket": { arn: "arn:aws:s3:::runs" }, "aws:iam/role:Role": { arn: "arn:role" } },
    );
  });

  it("runs the script every five minutes with its own role, and keeps what it leaves encrypted", () => {
    assert.deepEqual(inputs("synthetics-canary"), {
      name: "slipway-staging-flows",
      runtimeVersion: "syn-nodejs-4.1",
      handler: "flows.handler",
      s3Bucket: "synthetics-runs-id",
      s3Key: "scripts/817f978f78ec9f7c.zip",
      executionRoleArn: "arn:role",
      artifactS3Location: "s3://synthetics-runs-id/runs/",
      artifactConfig: { s3Encryption: { encryptionMode: "SSE_KMS", kmsKeyArn: "arn:key" } },
      kmsKeyArn: "arn:key",
      schedule: { expression: "rate(5 minutes)" },
      runConfig: {
        timeoutInSeconds: 60,
        memoryInMb: 960,
        environmentVariables: { BASE_URL: "https://staging.example.com" },
      },
      successRetentionPeriod: 31,
      failureRetentionPeriod: 31,
      startCanary: true,
      deleteLambda: true,
    });
  });

  it("packs the script where every runtime looks for it", async () => {
    const { assets } = inputs("synthetics-script")["source"] as pulumi.asset.AssetArchive;
    assert.deepEqual(Object.keys(await assets), ["flows.js", "nodejs/node_modules/flows.js"]);
  });

  it("lets the role write its runs, its logs and its metrics, and nothing else", () => {
    assert.deepEqual(JSON.parse(String(inputs("synthetics-permission")["policy"])), {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::runs/runs/*" },
        { Effect: "Allow", Action: "s3:GetBucketLocation", Resource: "arn:aws:s3:::runs" },
        { Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" },
        { Effect: "Allow", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: "arn:key" },
        {
          Effect: "Allow",
          Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
          Resource:
            "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/lambda/cwsyn-slipway-staging-flows-*",
        },
        {
          Effect: "Allow",
          Action: "cloudwatch:PutMetricData",
          Resource: "*",
          Condition: { StringEquals: { "cloudwatch:namespace": "CloudWatchSynthetics" } },
        },
      ],
    });
  });

  it("has a bucket that is private, encrypted, over TLS only, and empties itself", () => {
    assert.deepEqual(inputs("synthetics-private"), {
      bucket: "synthetics-runs-id",
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    assert.deepEqual(inputs("synthetics-encrypted")["rules"], [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "arn:key" },
        bucketKeyEnabled: true,
      },
    ]);
    assert.match(String(inputs("synthetics-tls-only")["policy"]), /"aws:SecureTransport":"false"/);
    assert.deepEqual(inputs("synthetics-expiry")["rules"], [
      {
        id: "runs",
        status: "Enabled",
        filter: { prefix: "runs/" },
        expiration: { days: 31 },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
      },
    ]);
  });

  it("goes off when two runs fail, or do not come", () => {
    const { metricName, threshold, evaluationPeriods, treatMissingData, dimensions } =
      inputs("synthetics-flows");
    assert.deepEqual(
      [metricName, threshold, evaluationPeriods, treatMissingData, dimensions],
      ["SuccessPercent", 100, 2, "breaching", { CanaryName: "slipway-staging-flows" }],
    );
  });
});
