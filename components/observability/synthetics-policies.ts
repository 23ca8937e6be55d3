/** What the canary may do, and how its bucket may be reached. */

/**
 * What AWS asks of a canary's role (CloudWatch user guide, "Required roles and permissions for canaries"), for one canary and one bucket.
 * Publishing metrics and listing buckets know no resources; the first is bound to the canary's namespace instead.
 *
 * @param logGroups ARN of the log groups of the canary's function
 */
export function canaryPolicy(bucketArn: string, keyArn: string, logGroups: string): object {
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "s3:PutObject", Resource: `${bucketArn}/runs/*` },
      { Effect: "Allow", Action: "s3:GetBucketLocation", Resource: bucketArn },
      { Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" },
      { Effect: "Allow", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: keyArn },
      {
        Effect: "Allow",
        Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: logGroups,
      },
      {
        Effect: "Allow",
        Action: "cloudwatch:PutMetricData",
        Resource: "*",
        Condition: { StringEquals: { "cloudwatch:namespace": "CloudWatchSynthetics" } },
      },
    ],
  };
}

export function tlsOnly(bucketArn: string): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucketArn, `${bucketArn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}
