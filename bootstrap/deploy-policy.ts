/** What a deploy role may do. Pure. */

export interface DeployScope {
  readonly account: string;
  readonly region: string;
  readonly prefix: string;
  readonly environment: string;
  /** The account of the environment whose state this one reads. */
  readonly upstreamAccount: string | undefined;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: object;
}

/**
 * The statements, in two parts. Where AWS knows a resource by its name, only names of this environment's stack; where it gives ids (networks,
 * security groups, KMS keys), only what carries this stack's tag once it is there, and only in this region.
 */
export function deployStatements({
  account,
  region,
  prefix,
  environment,
  upstreamAccount,
}: DeployScope): Record<"network" | "services", Statement[]> {
  // Start of every name that the environment's stack gives, and the value of its tag.
  const names = `${prefix}-${environment}`;
  const here = { StringEquals: { "aws:RequestedRegion": region } };
  const own = { StringEquals: { "aws:ResourceTag/stack": names } };
  const tagging = { StringEquals: { "aws:RequestTag/stack": names, "aws:RequestedRegion": region } };
  const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:${region}:${account}:${resource}`;
  const global = (service: string, resource: string): string => `arn:aws:${service}::${account}:${resource}`;
  const allow = (Sid: string, Action: string[], Resource: string[], Condition?: object): Statement => ({
    ...{ Sid, Effect: "Allow", Action, Resource },
    ...(Condition === undefined ? {} : { Condition }),
  });
  const role = global("iam", `role/${names}-*`);
  return {
    network: [
      allow("Look", ["ec2:Describe*", "elasticloadbalancing:Describe*", "kms:ListAliases"], ["*"], here),
      allow(
        "MakeNetwork",
        [
          ...[
            "Vpc",
            "Subnet",
            "InternetGateway",
            "NatGateway",
            "RouteTable",
            "SecurityGroup",
            "VpcEndpoint",
            "FlowLogs",
          ].map((what) => `ec2:Create${what}`),
          "ec2:AllocateAddress",
          "ec2:CreateTags",
        ],
        ["*"],
        here,
      ),
      allow(
        "ChangeNetwork",
        [
          "ec2:Delete*",
          "ec2:Modify*",
          "ec2:Attach*",
          "ec2:Detach*",
          "ec2:Associate*",
          "ec2:Disassociate*",
          "ec2:ReleaseAddress",
        ],
        ["*"],
        { StringEquals: { ...own.StringEquals, ...here.StringEquals } },
      ),
      allow(
        "ChangeRules",
        ["ec2:AuthorizeSecurityGroup*", "ec2:RevokeSecurityGroup*", "ec2:CreateRoute", "ec2:ReplaceRoute"],
        ["*"],
        { StringEquals: { ...own.StringEquals, ...here.StringEquals } },
      ),
      allow("MakeKeys", ["kms:CreateKey"], ["*"], tagging),
      allow(
        "UseKeys",
        [
          ...[
            "DescribeKey",
            "GetKeyPolicy",
            "GetKeyRotationStatus",
            "ListResourceTags",
            "PutKeyPolicy",
            "EnableKeyRotation",
          ],
          ...[
            "TagResource",
            "UntagResource",
            "ScheduleKeyDeletion",
            "CreateGrant",
            "GenerateDataKey",
            "Decrypt",
            "CreateAlias",
          ],
          ...["UpdateAlias", "DeleteAlias"],
        ].map((action) => `kms:${action}`),
        [arn("kms", "key/*")],
        own,
      ),
      allow(
        "NameKeys",
        ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"],
        [arn("kms", `alias/${names}-*`)],
      ),
      allow(
        "Gateway",
        ["elasticloadbalancing:*"],
        ["loadbalancer/app", "targetgroup", "listener/app", "listener-rule/app"].map((kind) =>
          arn("elasticloadbalancing", `${kind}/${names}-*`),
        ),
      ),
      allow(
        "Firewall",
        ["wafv2:*"],
        [arn("wafv2", `regional/webacl/${names}-*`), arn("wafv2", "regional/managedruleset/*")],
      ),
      allow("Certificates", ["acm:RequestCertificate", "acm:AddTagsToCertificate"], ["*"], here),
      allow(
        "OwnCertificates",
        ["acm:DescribeCertificate", "acm:DeleteCertificate", "acm:ListTagsForCertificate"],
        [arn("acm", "certificate/*")],
      ),
    ],
    services: [
      allow(
        "Roles",
        [
          ...[
            "CreateRole",
            "DeleteRole",
            "GetRole",
            "UpdateRole",
            "UpdateAssumeRolePolicy",
            "TagRole",
            "UntagRole",
            "ListRolePolicies",
          ],
          ...[
            "PutRolePolicy",
            "GetRolePolicy",
            "DeleteRolePolicy",
            "ListAttachedRolePolicies",
            "ListInstanceProfilesForRole",
          ],
        ].map((action) => `iam:${action}`),
        [role],
      ),
      // AWS's own policy for enhanced monitoring is the only managed one that a stack gives.
      allow("Attach", ["iam:AttachRolePolicy", "iam:DetachRolePolicy"], [role], {
        ArnEquals: {
          "iam:PolicyARN": ["arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"],
        },
      }),
      allow("PassRoles", ["iam:PassRole"], [role], {
        StringEquals: {
          "iam:PassedToService": [
            "ecs-tasks.amazonaws.com",
            "ecs.amazonaws.com",
            "lambda.amazonaws.com",
            "monitoring.rds.amazonaws.com",
            "vpc-flow-logs.amazonaws.com",
          ],
        },
      }),
      allow("ServiceRoles", ["iam:CreateServiceLinkedRole"], ["arn:aws:iam::*:role/aws-service-role/*"], {
        StringLike: {
          "iam:AWSServiceName": [
            ...["ecs", "rds", "elasticache", "elasticloadbalancing", "wafv2"].map(
              (name) => `${name}.amazonaws.com`,
            ),
            "ecs.application-autoscaling.amazonaws.com",
          ],
        },
      }),
      allow(
        "Stores",
        ["rds:*", "elasticache:*"],
        [
          ...["db", "pg", "subgrp", "snapshot"].map((kind) => arn("rds", `${kind}:${names}-*`)),
          ...["replicationgroup", "cluster", "subnetgroup", "parametergroup", "snapshot"].map((kind) =>
            arn("elasticache", `${kind}:${names}-*`),
          ),
        ],
      ),
      allow(
        "Secrets",
        ["secretsmanager:*"],
        [arn("secretsmanager", `secret:${names}/*`), arn("secretsmanager", "secret:rds!db-*")],
      ),
      allow(
        "Services",
        ["ecs:*", "lambda:*", "logs:*", "cloudwatch:*", "sns:*", "synthetics:*"],
        [
          ...[`cluster/${names}`, `service/${names}/*`, `task-definition/${names}-*`, `task/${names}/*`].map(
            (each) => arn("ecs", each),
          ),
          ...[`function:${names}-*`, `function:cwsyn-${names}-*`, `layer:cwsyn-${names}-*`].map((each) =>
            arn("lambda", each),
          ),
          ...[
            `/${names}/*`,
            `/aws/lambda/${names}-*`,
            `/aws/ecs/containerinsights/${names}/*`,
            `aws-waf-logs-${names}*`,
          ].map((each) => arn("logs", `log-group:${each}`)),
          arn("cloudwatch", `alarm:${names}-*`),
          global("cloudwatch", `dashboard/${names}*`),
          arn("sns", `${names}-*`),
          arn("synthetics", `canary:${names}-*`),
        ],
      ),
      // Actions that AWS grants for everything or for nothing.
      allow(
        "Unscoped",
        [
          ...[
            "ecs:RegisterTaskDefinition",
            "ecs:DeregisterTaskDefinition",
            "ecs:DescribeTaskDefinition",
            "logs:DescribeLogGroups",
          ],
          ...[
            "application-autoscaling:*",
            "ecr:GetAuthorizationToken",
            "budgets:ViewBudget",
            "budgets:ModifyBudget",
          ],
        ],
        ["*"],
      ),
      allow("Buckets", ["s3:*"], [`arn:aws:s3:::${names}-*`, `arn:aws:s3:::${names}-*/*`]),
      // What exactly, the bucket's and the keys' own policies say: they are another account's.
      allow(
        "State",
        ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        [`arn:aws:s3:::${prefix}-state-*`, `arn:aws:s3:::${prefix}-state-*/.pulumi/*`],
      ),
      allow("StateKey", ["kms:Decrypt", "kms:GenerateDataKey"], [`arn:aws:kms:${region}:*:key/*`], {
        StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` },
      }),
      ...(upstreamAccount === undefined
        ? []
        : [allow("StateBefore", ["kms:Decrypt"], [`arn:aws:kms:${region}:${upstreamAccount}:key/*`])]),
    ],
  };
}
