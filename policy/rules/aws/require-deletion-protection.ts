import { aws } from "../../aws";
import { isGlobMatch } from "../../glob";
import { isAtLeast, requirementRule, type Requirement } from "../../requirements";
import { texts, type ResourceContext } from "../../rule";

const options = {
  ephemeral: texts("Resources, by name (* for any text), that hold nothing worth keeping.", []),
};
type Row = Requirement<typeof options>;

const isEphemeral = ({ name, options: { ephemeral } }: ResourceContext<typeof options>): boolean =>
  ephemeral.some((pattern) => isGlobMatch(pattern, name));
const kept = (type: string, noun: string): Row => ({
  ...{ type, noun, property: "protect", allowed: "true" },
  isMet: (protect, context) => protect === true || isEphemeral(context),
  fault: "can be deleted by an update, with all that it holds",
  mend: "Set protect: true among the resource's options, or name it in ephemeral of this rule.",
});
const not = (type: string, noun: string, property: string, fault: string): Row => ({
  ...{ type, noun, property, fault, allowed: "false" },
  isMet: (value, context) => value !== true || isEphemeral(context),
});
const protectedBy = (type: string, noun: string, property: string, equivalents: string[]): Row => ({
  ...{ type, noun, property, equivalents, isMet: (value) => value === true, allowed: "true" },
  fault: "can be deleted by anyone who may change it",
});

export const requireDeletionProtection = requirementRule({
  name: "aws-require-deletion-protection",
  displayName: "What holds data is not deleted by accident",
  description:
    "Databases, caches, keys, secrets, buckets and the gateway are protected from deletion, by AWS and by Pulumi.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Switch AWS's own protection on and set protect: true; to delete on purpose, take both away in a release of its own.",
  seed: "Safe deployment workflow, step 4: the way back, and its data, is ensured",
  waivable: true,
  options,
  requirements: [
    protectedBy(aws.database, "Database", "deletionProtection", ["CKV_AWS_293", "AWS-0177"]),
    protectedBy(aws.databaseCluster, "Database cluster", "deletionProtection", ["CKV_AWS_139", "AWS-0343"]),
    protectedBy(aws.loadBalancer, "Load balancer", "enableDeletionProtection", ["CKV_AWS_150"]),
    protectedBy(aws.table, "Table", "deletionProtectionEnabled", []),
    not(aws.database, "Database", "skipFinalSnapshot", "is deleted without a last snapshot"),
    not(aws.bucket, "Bucket", "forceDestroy", "is deleted with all that is in it"),
    not(aws.repository, "Image repository", "forceDelete", "is deleted with all that is in it"),
    {
      type: aws.key,
      noun: "Key",
      property: "deletionWindowInDays",
      isMet: (days) => days === undefined || isAtLeast(days, 14),
      fault: "is gone too soon after its deletion is asked for",
      allowed: "14 to 30, or nothing for 30",
      equivalents: ["KICS-0b530315"],
    },
    {
      type: aws.secret,
      noun: "Secret",
      property: "recoveryWindowInDays",
      isMet: (days) => days === undefined || isAtLeast(days, 7),
      fault: "cannot be brought back once deleted",
      allowed: "7 to 30, or nothing for 30",
    },
    kept(aws.database, "Database"),
    kept(aws.databaseCluster, "Database cluster"),
    kept(aws.redis, "Redis"),
    kept(aws.table, "Table"),
    kept(aws.key, "Key"),
    kept(aws.secret, "Secret"),
  ],
});
