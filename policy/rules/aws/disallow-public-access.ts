import { aws } from "../../aws";
import { isGlobMatch } from "../../glob";
import { textOf } from "../../known";
import { isNotTrue, isTrue, requirementRule, type Requirement } from "../../requirements";
import { texts } from "../../rule";

const options = {
  publicLoadBalancers: texts(
    "Load balancers, by resource name (* for any text), that the internet may reach.",
    [],
  ),
};
type Row = Requirement<typeof options>;

const noPublicAddress = (type: string, noun: string, property: string, equivalents: string[]): Row => ({
  ...{ type, noun, property, equivalents, isMet: isNotTrue, allowed: "false" },
  fault: "gets a public address",
  mend: `Remove ${property}: traffic comes in through the gateway, and goes out through the NAT gateway.`,
});
const block = (property: string, equivalents: string[]): Row => ({
  ...{ type: aws.bucketPublicAccessBlock, noun: "Public access block", property, equivalents },
  ...{ isMet: isTrue, fault: "leaves a way to publish its bucket open", allowed: "true" },
});

export const disallowPublicAccess = requirementRule({
  name: "aws-disallow-public-access",
  displayName: "Nothing is public that need not be",
  description: "Only the gateway is reached from the internet: no database, task, function or bucket is.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Take the public address or permission away; reach the resource through the gateway, or from inside the VPC.",
  seed: "DevOps engineer, prohibitions: no security holes",
  waivable: true,
  options,
  requirements: [
    {
      ...noPublicAddress(aws.database, "Database", "publiclyAccessible", [
        "CKV_AWS_17",
        "AWS-0180",
        "KICS-35113e6f",
      ]),
      mend: "Set publiclyAccessible: false.",
    },
    noPublicAddress(aws.subnet, "Subnet", "mapPublicIpOnLaunch", ["CKV_AWS_130", "AWS-0164"]),
    noPublicAddress(aws.ecsService, "Service", "networkConfiguration.assignPublicIp", ["CKV_AWS_333"]),
    noPublicAddress(aws.instance, "Instance", "associatePublicIpAddress", ["CKV_AWS_88"]),
    {
      type: aws.loadBalancer,
      noun: "Load balancer",
      property: "internal",
      isMet: (internal, { name, options: { publicLoadBalancers } }) =>
        internal === true || publicLoadBalancers.some((pattern) => isGlobMatch(pattern, name)),
      fault: "faces the internet",
      allowed: ({ publicLoadBalancers }) =>
        `true, or one of ${publicLoadBalancers.join(", ") || "none"} (publicLoadBalancers of this rule)`,
      mend: "Set internal: true, or add the gateway's name to the rule's configuration.",
      equivalents: ["AWS-0053"],
    },
    block("blockPublicAcls", ["CKV_AWS_53", "AWS-0086", "KICS-d0cc8694"]),
    block("blockPublicPolicy", ["CKV_AWS_54", "AWS-0087", "KICS-1a4bc881"]),
    block("ignorePublicAcls", ["CKV_AWS_55", "AWS-0091"]),
    block("restrictPublicBuckets", ["CKV_AWS_56", "AWS-0093", "KICS-1ec253ab"]),
    {
      type: aws.bucketAcl,
      noun: "Bucket ACL",
      property: "acl",
      isMet: (acl) => !/^(public|authenticated)-/.test(textOf(acl)),
      fault: "publishes the bucket",
      allowed: '"private"',
      equivalents: ["CKV_AWS_20", "CKV_AWS_57", "CKV2_AWS_43", "AWS-0092", "KICS-57b9893d"],
    },
    {
      type: aws.functionUrl,
      noun: "Function URL",
      property: "authorizationType",
      isMet: (kind) => kind === "AWS_IAM",
      fault: "lets anyone run the function",
      allowed: '"AWS_IAM"',
      equivalents: ["CKV_AWS_258"],
    },
    {
      type: aws.functionPermission,
      noun: "Permission",
      property: "principal",
      isMet: (principal) => textOf(principal) !== "*" && textOf(principal) !== "",
      fault: "lets anyone run the function",
      allowed: "a service, an account or a role",
      equivalents: ["CKV_AWS_301"],
    },
    {
      type: aws.functionPermission,
      noun: "Permission",
      property: "sourceArn",
      isMet: (source, _, { principal }) =>
        source !== undefined || !textOf(principal).endsWith(".amazonaws.com"),
      unknownFits: true,
      fault: "lets the service act for any account",
      allowed: "the ARN of what may call",
      equivalents: ["CKV_AWS_364", "AWS-0067"],
    },
    {
      type: aws.defaultVpc,
      noun: "Default VPC",
      property: "forceDestroy",
      isMet: () => false,
      fault: "is taken into use, whose subnets are public",
      allowed: "none",
      mend: "Use the backbone's own VPC.",
      equivalents: ["CKV_AWS_148", "AWS-0101"],
    },
  ],
});
