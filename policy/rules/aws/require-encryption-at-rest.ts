import { aws } from "../../aws";
import { isTrue, isSet, requirementRule, type Requirement } from "../../requirements";

const encrypted = (
  type: string,
  noun: string,
  property: string,
  equivalents: readonly string[],
): Requirement => ({
  ...{ type, noun, property, equivalents, isMet: isTrue, allowed: "true" },
  fault: "stores its data unencrypted",
  mend: `Set ${property}: true; what exists already is made anew from an encrypted copy.`,
});
const withKey = (
  type: string,
  noun: string,
  property: string,
  equivalents: readonly string[],
): Requirement => ({
  ...{ type, noun, property, equivalents, isMet: isSet, unknownFits: true },
  fault: "is not encrypted with a key of ours",
  allowed: "a KMS key's ARN or id",
  mend: `Set ${property} to the backbone's operations or secrets key.`,
});

export const requireEncryptionAtRest = requirementRule({
  name: "aws-require-encryption-at-rest",
  displayName: "Data at rest is encrypted",
  description:
    "What stores data encrypts it; logs, messages, secrets and images with a key of ours, which rotates.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Switch encryption on, and name the KMS key of the backbone where the finding asks for one.",
  seed: "DevOps engineer, prohibitions: no security holes",
  waivable: true,
  requirements: [
    encrypted(aws.database, "Database", "storageEncrypted", ["CKV_AWS_16", "AWS-0080", "KICS-08bd0760"]),
    encrypted(aws.databaseCluster, "Database cluster", "storageEncrypted", [
      "CKV_AWS_96",
      "AWS-0079",
      "KICS-3199c26c",
    ]),
    encrypted(aws.redis, "Redis", "atRestEncryptionEnabled", ["CKV_AWS_29", "AWS-0045"]),
    encrypted(aws.volume, "Volume", "encrypted", ["CKV_AWS_3", "AWS-0026"]),
    encrypted(aws.table, "Table", "serverSideEncryption.enabled", ["CKV_AWS_119", "AWS-0025"]),
    {
      ...withKey(aws.database, "Database", "performanceInsightsKmsKeyId", ["CKV_AWS_354", "AWS-0078"]),
      isMet: (key, _, database) => isSet(key) || database["performanceInsightsEnabled"] !== true,
      fault: "keeps its performance data under a key that is not ours",
    },
    withKey(aws.redis, "Redis", "kmsKeyId", ["CKV_AWS_191"]),
    withKey(aws.logGroup, "Log group", "kmsKeyId", ["CKV_AWS_158", "AWS-0017"]),
    withKey(aws.topic, "Topic", "kmsMasterKeyId", ["CKV_AWS_26", "AWS-0095", "AWS-0136"]),
    {
      ...withKey(aws.queue, "Queue", "kmsMasterKeyId", ["CKV_AWS_27", "AWS-0096", "KICS-6e8849c1"]),
      isMet: (key, _, queue) => isSet(key) || queue["sqsManagedSseEnabled"] === true,
    },
    withKey(aws.secret, "Secret", "kmsKeyId", ["CKV_AWS_149", "AWS-0098"]),
    {
      ...withKey(aws.repository, "Image repository", "encryptionConfigurations.0.encryptionType", [
        "CKV_AWS_136",
        "AWS-0033",
      ]),
      isMet: (kind) => kind === "KMS" || kind === "KMS_DSSE",
      allowed: '"KMS"',
      mend: 'Set encryptionConfigurations: [{ encryptionType: "KMS", kmsKey }]; this makes the repository anew.',
    },
    {
      ...withKey(aws.function, "Function", "kmsKeyArn", ["CKV_AWS_173"]),
      isMet: (key, _, { environment }) => isSet(key) || environment === undefined,
      fault: "keeps its environment under a key that is not ours",
    },
    {
      ...encrypted(aws.key, "Key", "enableKeyRotation", ["CKV_AWS_7", "AWS-0065"]),
      fault: "never rotates",
      mend: "Set enableKeyRotation: true; what is encrypted with older material stays readable.",
    },
    {
      ...encrypted(aws.key, "Key", "isEnabled", ["CKV_AWS_227"]),
      isMet: (enabled) => enabled !== false,
      fault: "is switched off, so nothing under it can be read",
      mend: "Remove isEnabled.",
    },
  ],
});
