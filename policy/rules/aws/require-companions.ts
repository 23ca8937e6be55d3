import { aws } from "../../aws";
import { isGlobMatch } from "../../glob";
import { stackRule, texts, type StackResource } from "../../rule";

interface Companion {
  readonly of: string;
  readonly noun: string;
  readonly type: string;
  /** The companion's property that names the other. */
  readonly by: string;
  readonly fault: string;
  readonly mend: string;
  readonly applies?: (resource: StackResource) => boolean;
}

const companions: readonly Companion[] = [
  {
    ...{ of: aws.vpc, noun: "Network", type: aws.flowLog, by: "vpcId" },
    fault: "keeps no record of its connections",
    mend: "Add a FlowLog of it",
  },
  {
    ...{ of: aws.vpc, noun: "Network", type: aws.defaultSecurityGroup, by: "vpcId" },
    fault: "leaves its default security group open",
    mend: "Add a DefaultSecurityGroup of it, without rules",
  },
  {
    ...{ of: aws.bucket, noun: "Bucket", type: aws.bucketPublicAccessBlock, by: "bucket" },
    fault: "can be published",
    mend: "Add a BucketPublicAccessBlock of it",
  },
  {
    ...{ of: aws.bucket, noun: "Bucket", type: aws.bucketPolicy, by: "bucket" },
    fault: "takes requests in the clear",
    mend: "Add a BucketPolicy of it that denies them",
  },
  {
    ...{ of: aws.bucket, noun: "Bucket", type: aws.bucketVersioning, by: "bucket" },
    fault: "keeps no older versions",
    mend: "Add a BucketVersioning of it, or name it in ephemeral of this rule",
  },
  {
    ...{ of: aws.bucket, noun: "Bucket", type: aws.bucketLifecycle, by: "bucket" },
    fault: "only ever grows",
    mend: "Add a BucketLifecycleConfiguration of it",
  },
  {
    ...{ of: aws.loadBalancer, noun: "Load balancer", type: aws.webAclAssociation, by: "resourceArn" },
    fault: "faces the internet without a web application firewall",
    mend: "Add a WebAcl, and its WebAclAssociation with it",
    applies: ({ properties }) => properties["internal"] !== true,
  },
  {
    ...{ of: aws.webAcl, noun: "Firewall", type: aws.webAclLogging, by: "resourceArn" },
    fault: "does not log what it blocks",
    mend: "Add a WebAclLoggingConfiguration of it",
  },
  {
    ...{ of: aws.topic, noun: "Topic", type: aws.topicSubscription, by: "topic" },
    fault: "tells nobody",
    mend: "Add a TopicSubscription of it",
  },
];

/** A protection that is a resource of its own can be left out; a rule on its properties would never know. */
export const requireCompanions = stackRule({
  name: "aws-require-companions",
  displayName: "Protections that are resources of their own are there",
  description:
    "Networks have flow logs and a closed default group; buckets are private, versioned and cleared; the gateway has a firewall that logs; topics have subscribers.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps: "Declare the missing resource, and pass it the other's own output, not a text.",
  seed: "Safe deployment workflow, step 1: do not proceed when a critical check fails, or is left out",
  equivalents: [
    ...["CKV2_AWS_6", "CKV2_AWS_11", "CKV2_AWS_12", "CKV2_AWS_28", "CKV2_AWS_31", "CKV2_AWS_61"],
    ...["CKV_AWS_21", "CKV_AWS_379", "AWS-0090", "AWS-0094", "AWS-0178", "KICS-f83121ea", "KICS-568a4d22"],
  ],
  unknown: "fits",
  waivable: true,
  options: {
    ephemeral: texts("Buckets, by resource name (* for any text), whose content need not be versioned.", []),
  },
  *check(resources, { options: { ephemeral } }) {
    const pairs = new Set<string>();
    for (const resource of resources) {
      for (const { type, by } of companions) {
        if (resource.type !== type) continue;
        for (const used of resource.uses(by)) pairs.add(`${type} ${by} ${used.urn}`);
      }
    }
    for (const resource of resources) {
      for (const { of, noun, type, by, fault, mend, applies } of companions) {
        if (resource.type !== of || pairs.has(`${type} ${by} ${resource.urn}`)) continue;
        if (applies?.(resource) === false) continue;
        const exempt =
          type === aws.bucketVersioning && ephemeral.some((some) => isGlobMatch(some, resource.name));
        if (exempt) continue;
        yield {
          message: `${noun} "${resource.name}" ${fault}: there is no ${type.split(":").at(-1)} of it in the stack. Allowed: one whose ${by} is its output. ${mend}.`,
          resource,
        };
      }
    }
  },
});
