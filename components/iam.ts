/**
 * What the roles around a service on ECS may do. Pure. `*` alone stands only where IAM knows no resource for an action (Service
 * Authorization Reference); elsewhere it ends a name that begins with this service's own, since revisions and tasks come and go.
 */
import type { EcrImage } from "./deployments/ecs-image";

export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A policy document as JSON text. */
export function policy(statements: readonly Statement[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ actions, resources, condition }) => ({
      Effect: "Allow",
      Action: actions,
      Resource: resources,
      ...(condition && { Condition: condition }),
    })),
  });
}

/** Who may take a role: one AWS service. */
export function trust(service: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
}

/** To start a task: pull this image, write this log, read these secrets. */
export function executionStatements(args: {
  readonly image: EcrImage | undefined;
  readonly logGroupArn: string;
  readonly secretArns: readonly string[];
  readonly secretsKeyArn: string;
}): Statement[] {
  const { image, logGroupArn, secretArns, secretsKeyArn } = args;
  return [
    ...(image === undefined
      ? []
      : [
          { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
          {
            actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources: [`arn:aws:ecr:${image.region}:${image.account}:repository/${image.repository}`],
          },
        ]),
    logStatement(logGroupArn),
    { actions: ["secretsmanager:GetSecretValue"], resources: secretArns },
    { actions: ["kms:Decrypt"], resources: [secretsKeyArn] },
  ];
}

export function logStatement(logGroupArn: string): Statement {
  return { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [`${logGroupArn}:*`] };
}

/** To move a service's traffic between its two target groups, by its two rules. */
export function trafficStatements(
  targetGroupArns: readonly string[],
  ruleArns: readonly string[],
): Statement[] {
  return [
    {
      actions: ["DescribeListeners", "DescribeRules", "DescribeTargetGroups", "DescribeTargetHealth"].map(
        (action) => `elasticloadbalancing:${action}`,
      ),
      resources: ["*"],
    },
    {
      actions: ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
      resources: targetGroupArns,
    },
    { actions: ["elasticloadbalancing:ModifyRule"], resources: ruleArns },
  ];
}

/** What every hook's function does: write its log, tell its failures, use the key, show its traces. */
export function functionStatements(logGroupArn: string, topicArn: string, keyArn: string): Statement[] {
  return [
    logStatement(logGroupArn),
    { actions: ["sns:Publish"], resources: [topicArn] },
    { actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keyArn] },
    { actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources: ["*"] },
  ];
}

/** What Lambda does to put a function into subnets. */
export const networkStatements: readonly Statement[] = [
  {
    actions: ["CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces"].map(
      (action) => `ec2:${action}`,
    ),
    resources: ["*"],
  },
];

/** To snapshot one database, and delete the old ones among the snapshots that are called `<family>-…`. */
export function backupStatements(instanceArn: string, family: string): Statement[] {
  const snapshotArn = snapshotArnOf(instanceArn, family);
  return [
    { actions: ["rds:DescribeDBSnapshots"], resources: [instanceArn, snapshotArn] },
    { actions: ["rds:AddTagsToResource", "rds:CreateDBSnapshot"], resources: [instanceArn, snapshotArn] },
    { actions: ["rds:DeleteDBSnapshot"], resources: [snapshotArn] },
  ];
}

function snapshotArnOf(instanceArn: string, family: string): string {
  return [...instanceArn.split(":").slice(0, 5), "snapshot", `${family}-*`].join(":");
}

/** To run one service's migrations as a task of their own in one cluster, once the database is backed up. */
export function migrationStatements(args: {
  readonly clusterArn: string;
  /** Name of the service and of its task definitions. */
  readonly family: string;
  readonly roleArns: readonly string[];
  readonly instanceArn: string;
}): Statement[] {
  const { clusterArn, family, roleArns, instanceArn } = args;
  const [before, cluster] = clusterArn.split(":cluster/");
  return [
    { actions: ["rds:DescribeDBSnapshots"], resources: [snapshotArnOf(instanceArn, family)] },
    {
      actions: ["ecs:DescribeServiceRevisions"],
      resources: [`${before}:service-revision/${cluster}/${family}/*`],
    },
    {
      actions: ["ecs:RunTask"],
      resources: [`${before}:task-definition/${family}:*`],
      condition: { ArnEquals: { "ecs:cluster": clusterArn } },
    },
    { actions: ["ecs:DescribeTasks", "ecs:StopTask"], resources: [`${before}:task/${cluster}/*`] },
    {
      actions: ["iam:PassRole"],
      resources: roleArns,
      condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
  ];
}
