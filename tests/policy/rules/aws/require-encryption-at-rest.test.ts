import { aws } from "../../../../policy/aws";
import { requireEncryptionAtRest as rule } from "../../../../policy/rules/aws/require-encryption-at-rest";
import { itJudges } from "../../infrastructure";

describe("aws-require-encryption-at-rest", () => {
  itJudges(rule, [
    [
      aws.database,
      { storageEncrypted: false },
      'Database "postgres" stores its data unencrypted (storageEncrypted: false). Allowed: true. Set storageEncrypted: true; what exists already is made anew from an encrypted copy.',
    ],
    [
      aws.databaseCluster,
      { storageEncrypted: undefined },
      'Database cluster "aurora" stores its data unencrypted (storageEncrypted: (none)). Allowed: true. Set storageEncrypted: true; what exists already is made anew from an encrypted copy.',
    ],
    [
      aws.redis,
      { atRestEncryptionEnabled: "true" },
      'Redis "redis" stores its data unencrypted (atRestEncryptionEnabled: "true"). Allowed: true. Set atRestEncryptionEnabled: true; what exists already is made anew from an encrypted copy.',
    ],
    [
      aws.volume,
      { encrypted: false },
      'Volume "disk" stores its data unencrypted (encrypted: false). Allowed: true. Set encrypted: true; what exists already is made anew from an encrypted copy.',
    ],
    [
      aws.table,
      { serverSideEncryption: {} },
      'Table "locks" stores its data unencrypted (serverSideEncryption.enabled: (none)). Allowed: true. Set serverSideEncryption.enabled: true; what exists already is made anew from an encrypted copy.',
    ],
    [
      aws.database,
      { performanceInsightsKmsKeyId: undefined },
      "Database \"postgres\" keeps its performance data under a key that is not ours (performanceInsightsKmsKeyId: (none)). Allowed: a KMS key's ARN or id. Set performanceInsightsKmsKeyId to the backbone's operations or secrets key.",
    ],
    [
      aws.redis,
      { kmsKeyId: undefined },
      "Redis \"redis\" is not encrypted with a key of ours (kmsKeyId: (none)). Allowed: a KMS key's ARN or id. Set kmsKeyId to the backbone's operations or secrets key.",
    ],
    [
      aws.logGroup,
      { kmsKeyId: undefined },
      "Log group \"sample-log\" is not encrypted with a key of ours (kmsKeyId: (none)). Allowed: a KMS key's ARN or id. Set kmsKeyId to the backbone's operations or secrets key.",
    ],
    [
      aws.topic,
      { kmsMasterKeyId: "" },
      'Topic "alarms" is not encrypted with a key of ours (kmsMasterKeyId: ""). Allowed: a KMS key\'s ARN or id. Set kmsMasterKeyId to the backbone\'s operations or secrets key.',
    ],
    [
      aws.queue,
      { kmsMasterKeyId: undefined },
      "Queue \"dead-letters\" is not encrypted with a key of ours (kmsMasterKeyId: (none)). Allowed: a KMS key's ARN or id. Set kmsMasterKeyId to the backbone's operations or secrets key.",
    ],
    [
      aws.secret,
      { kmsKeyId: undefined },
      "Secret \"redis-password\" is not encrypted with a key of ours (kmsKeyId: (none)). Allowed: a KMS key's ARN or id. Set kmsKeyId to the backbone's operations or secrets key.",
    ],
    [
      aws.repository,
      { encryptionConfigurations: [{ encryptionType: "AES256" }] },
      'Image repository "images" is not encrypted with a key of ours (encryptionConfigurations.0.encryptionType: "AES256"). Allowed: "KMS". Set encryptionConfigurations: [{ encryptionType: "KMS", kmsKey }]; this makes the repository anew.',
    ],
    [
      aws.function,
      { kmsKeyArn: undefined },
      "Function \"hook\" keeps its environment under a key that is not ours (kmsKeyArn: (none)). Allowed: a KMS key's ARN or id. Set kmsKeyArn to the backbone's operations or secrets key.",
    ],
    [
      aws.key,
      { enableKeyRotation: undefined },
      'Key "secrets" never rotates (enableKeyRotation: (none)). Allowed: true. Set enableKeyRotation: true; what is encrypted with older material stays readable.',
    ],
    [
      aws.key,
      { isEnabled: false },
      'Key "secrets" is switched off, so nothing under it can be read (isEnabled: false). Allowed: true. Remove isEnabled.',
    ],
  ]);
});
