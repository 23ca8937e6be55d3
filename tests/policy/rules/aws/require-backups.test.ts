import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { requireBackups as rule } from "../../../../policy/rules/aws/require-backups";
import { infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

describe("aws-require-backups", () => {
  itJudges(rule, [
    [
      aws.database,
      { backupRetentionPeriod: 1 },
      'Database "postgres" keeps its backups too short a time (backupRetentionPeriod: 1). Allowed: 7 to 35 days. Set backupRetentionPeriod.',
    ],
    [
      aws.database,
      { copyTagsToSnapshot: undefined },
      'Database "postgres" makes snapshots that do not say whose they are (copyTagsToSnapshot: (none)). Allowed: true. Set copyTagsToSnapshot.',
    ],
    [
      aws.database,
      { deleteAutomatedBackups: undefined },
      'Database "postgres" takes its backups with it when it is deleted (deleteAutomatedBackups: (none)). Allowed: false. Set deleteAutomatedBackups.',
    ],
    [
      aws.databaseCluster,
      { backupRetentionPeriod: undefined },
      'Database cluster "aurora" keeps its backups too short a time (backupRetentionPeriod: (none)). Allowed: 7 to 35 days. Set backupRetentionPeriod.',
    ],
    [
      aws.redis,
      { snapshotRetentionLimit: 0 },
      'Redis "redis" keeps too few snapshots (snapshotRetentionLimit: 0). Allowed: 1 to 35 days. Set snapshotRetentionLimit.',
    ],
    [
      aws.table,
      { pointInTimeRecovery: {} },
      'Table "locks" cannot be restored to a point in time (pointInTimeRecovery.enabled: (none)). Allowed: true. Set pointInTimeRecovery.enabled.',
    ],
    [
      aws.bucketVersioning,
      { versioningConfiguration: { status: "Suspended" } },
      'Bucket versioning "logs-versions" keeps no older versions of what is overwritten (versioningConfiguration.status: "Suspended"). Allowed: "Enabled". Set versioningConfiguration.status.',
    ],
  ]);

  it("takes the days from its configuration", async () => {
    const config = { minBackupDays: 30 };
    assert.deepEqual(await judge(rule, infrastructure(aws.database), { config }), [
      'Database "postgres" keeps its backups too short a time (backupRetentionPeriod: 7). Allowed: 30 to 35 days. Set backupRetentionPeriod.',
    ]);
  });
});
