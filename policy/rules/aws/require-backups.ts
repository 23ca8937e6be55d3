import { aws } from "../../aws";
import { isAtLeast, isTrue, requirementRule, type Requirement } from "../../requirements";
import { amount } from "../../rule";

const options = {
  minBackupDays: amount("How many days of backups a database keeps, at least.", 1, 7),
  minSnapshotDays: amount("How many daily snapshots a cache keeps, at least.", 1, 1),
};
type Row = Requirement<typeof options>;

const database = (type: string, noun: string, equivalents: string[]): Row => ({
  ...{ type, noun, equivalents, property: "backupRetentionPeriod" },
  isMet: (days, context) => isAtLeast(days, context.options.minBackupDays),
  fault: "keeps its backups too short a time",
  allowed: ({ minBackupDays }) => `${minBackupDays} to 35 days`,
});

export const requireBackups = requirementRule({
  name: "aws-require-backups",
  displayName: "Data has backups",
  description:
    "Databases, caches, tables and buckets keep backups or versions, long enough to notice a loss.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Set the retention to what the finding allows; backups cost about what the storage costs.",
  seed: "Safe deployment workflow, step 4: back the database up",
  waivable: true,
  options,
  requirements: [
    database(aws.database, "Database", ["CKV_AWS_133", "AWS-0077", "KICS-1dc73fb4"]),
    database(aws.databaseCluster, "Database cluster", ["CKV_AWS_133", "AWS-0077"]),
    {
      type: aws.database,
      noun: "Database",
      property: "copyTagsToSnapshot",
      isMet: isTrue,
      fault: "makes snapshots that do not say whose they are",
      allowed: "true",
      equivalents: ["CKV2_AWS_60"],
    },
    {
      type: aws.database,
      noun: "Database",
      property: "deleteAutomatedBackups",
      isMet: (deletes) => deletes === false,
      fault: "takes its backups with it when it is deleted",
      allowed: "false",
    },
    {
      type: aws.redis,
      noun: "Redis",
      property: "snapshotRetentionLimit",
      isMet: (days, context) => isAtLeast(days, context.options.minSnapshotDays),
      fault: "keeps too few snapshots",
      allowed: ({ minSnapshotDays }) => `${minSnapshotDays} to 35 days`,
      equivalents: ["CKV_AWS_134", "AWS-0050", "KICS-e93bbe63"],
    },
    {
      type: aws.table,
      noun: "Table",
      property: "pointInTimeRecovery.enabled",
      isMet: isTrue,
      fault: "cannot be restored to a point in time",
      allowed: "true",
      equivalents: ["CKV_AWS_28", "AWS-0024", "KICS-327b0729"],
    },
    {
      type: aws.bucketVersioning,
      noun: "Bucket versioning",
      property: "versioningConfiguration.status",
      isMet: (status) => status === "Enabled",
      fault: "keeps no older versions of what is overwritten",
      allowed: '"Enabled"',
      equivalents: ["CKV_AWS_21", "AWS-0090", "KICS-568a4d22"],
    },
  ],
});
