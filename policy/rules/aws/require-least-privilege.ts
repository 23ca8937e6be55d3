import { aws } from "../../aws";
import { faultsOfDocument, type DocumentKind } from "../../iam-document";
import { listOf, notKnown, objectOf, textOf, type Properties } from "../../known";
import { resourceRule, texts } from "../../rule";

/** By type, the properties that hold policy documents as JSON text, and what kind each is. */
const documents: Readonly<Record<string, readonly [property: string, kind: DocumentKind][]>> = {
  [aws.role]: [["assumeRolePolicy", "trust"]],
  [aws.rolePolicy]: [["policy", "identity"]],
  [aws.policy]: [["policy", "identity"]],
  [aws.key]: [["policy", "key"]],
  [aws.bucketPolicy]: [["policy", "resource"]],
  [aws.topic]: [["policy", "resource"]],
  [aws.topicPolicy]: [["policy", "resource"]],
  [aws.queue]: [["policy", "resource"]],
  [aws.secretPolicy]: [["policy", "resource"]],
  [aws.repositoryPolicy]: [["policy", "resource"]],
};

const broadPolicy = /:policy\/(.*\/)?(AdministratorAccess|PowerUserAccess|\w*FullAccess)$/;

export const requireLeastPrivilege = resourceRule({
  name: "aws-require-least-privilege",
  displayName: "Roles may do what they need, and nothing else",
  description:
    "Policies name their actions, their resources and who may use them; no wildcard stands where a name can; people and machines take roles.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Name the actions and the ARNs that are needed; where IAM knows no resource for an action, add it to actionsWithoutResource of this rule.",
  seed: "DevOps engineer, prohibitions: no security holes",
  equivalents: [
    ...["CKV_AWS_33", "CKV_AWS_32", "CKV_AWS_40", "CKV_AWS_60", "CKV_AWS_61", "CKV_AWS_62", "CKV_AWS_63"],
    ...[
      "CKV_AWS_70",
      "CKV_AWS_169",
      "CKV_AWS_273",
      "CKV_AWS_274",
      "CKV_AWS_286",
      "CKV_AWS_287",
      "CKV_AWS_288",
    ],
    ...["CKV_AWS_289", "CKV_AWS_290", "CKV_AWS_348", "CKV_AWS_355", "CKV_AWS_393"],
    ...["CKV2_AWS_40", "CKV2_AWS_56", "CKV2_AWS_64"],
    ...["AWS-0032", "AWS-0057", "AWS-0143", "AWS-0342", "AWS-0345", "AWS-0346"],
    ...["KICS-2f37c4a3", "KICS-b1ffa705", "KICS-575a2155", "KICS-7af43613", "KICS-b26d2b7e", "KICS-5ea624e4"],
    ...["KICS-7ebc9038", "KICS-e86e26fc", "KICS-3206240f", "KICS-7081f85c"],
  ],
  unknown: "later",
  waivable: true,
  types: [aws.rolePolicyAttachment, aws.user, aws.accessKey, ...Object.keys(documents)],
  options: {
    actionsWithoutResource: texts(
      "Actions for which IAM knows no resource, or that only read what is no secret, so that a policy says *.",
      [
        "cloudwatch:PutMetricData",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ecr:GetAuthorizationToken",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "s3:ListAllMyBuckets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
      ],
    ),
    actionWildcards: texts("Actions that may end in *, since AWS names several of one kind.", [
      "kms:ReEncrypt*",
      "kms:GenerateDataKey*",
    ]),
    allowedPolicies: texts("Managed policies, by ARN, that are broad and may be attached all the same.", []),
  },
  *check(resource, { type, name, options }) {
    if (type === aws.user || type === aws.accessKey) {
      yield `${type === aws.user ? "User" : "Access key"} "${name}" has credentials that never end. Allowed: roles, taken by services or by OIDC. Make a role in its place.`;
      return;
    }
    const noun = type === aws.role ? "Role" : type === aws.key ? "Key" : "Policy";
    for (const [property, kind] of documents[type] ?? []) {
      const document = resource[property];
      if (document === notKnown) continue;
      if (document === undefined) {
        if (type === aws.key)
          yield `Key "${name}" has AWS's own policy, which lets every role of the account that may use keys use it. Allowed: a policy of its own. Set policy.`;
        continue;
      }
      for (const fault of faultsOfDocument(textOf(document), kind, options))
        yield `${noun} "${name}" ${fault}`;
    }
    for (const arn of attachedPolicies(resource)) {
      if (!broadPolicy.test(arn) || options.allowedPolicies.includes(arn)) continue;
      yield `${noun} "${name}" attaches ${arn.split("/").at(-1)}, which opens whole services. Allowed: policies that name actions and resources. Write one.`;
    }
  },
});

function attachedPolicies(resource: Properties): string[] {
  const inline = listOf(resource["inlinePolicies"]).map((policy) => objectOf(policy)["policyArn"]);
  return [resource["policyArn"], ...listOf(resource["managedPolicyArns"]), ...inline]
    .map(textOf)
    .filter((arn) => arn !== "");
}
