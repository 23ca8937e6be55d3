import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { requireDeletionProtection as rule } from "../../../../policy/rules/aws/require-deletion-protection";
import { infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

describe("aws-require-deletion-protection", () => {
  itJudges(rule, [
    [
      aws.database,
      { deletionProtection: undefined },
      'Database "postgres" can be deleted by anyone who may change it (deletionProtection: (none)). Allowed: true. Set deletionProtection.',
    ],
    [
      aws.databaseCluster,
      { deletionProtection: false },
      'Database cluster "aurora" can be deleted by anyone who may change it (deletionProtection: false). Allowed: true. Set deletionProtection.',
    ],
    [
      aws.loadBalancer,
      { enableDeletionProtection: false },
      'Load balancer "internal-gateway" can be deleted by anyone who may change it (enableDeletionProtection: false). Allowed: true. Set enableDeletionProtection.',
    ],
    [
      aws.table,
      { deletionProtectionEnabled: undefined },
      'Table "locks" can be deleted by anyone who may change it (deletionProtectionEnabled: (none)). Allowed: true. Set deletionProtectionEnabled.',
    ],
    [
      aws.database,
      { skipFinalSnapshot: true },
      'Database "postgres" is deleted without a last snapshot (skipFinalSnapshot: true). Allowed: false. Set skipFinalSnapshot.',
    ],
    [
      aws.bucket,
      { forceDestroy: true },
      'Bucket "logs" is deleted with all that is in it (forceDestroy: true). Allowed: false. Set forceDestroy.',
    ],
    [
      aws.repository,
      { forceDelete: true },
      'Image repository "images" is deleted with all that is in it (forceDelete: true). Allowed: false. Set forceDelete.',
    ],
    [
      aws.key,
      { deletionWindowInDays: 7 },
      'Key "secrets" is gone too soon after its deletion is asked for (deletionWindowInDays: 7). Allowed: 14 to 30, or nothing for 30. Set deletionWindowInDays.',
    ],
    [
      aws.secret,
      { recoveryWindowInDays: 0 },
      'Secret "redis-password" cannot be brought back once deleted (recoveryWindowInDays: 0). Allowed: 7 to 30, or nothing for 30. Set recoveryWindowInDays.',
    ],
    [
      aws.database,
      { protect: false },
      'Database "postgres" can be deleted by an update, with all that it holds (protect: false). Allowed: true. Set protect: true among the resource\'s options, or name it in ephemeral of this rule.',
    ],
    [
      aws.databaseCluster,
      { protect: false },
      'Database cluster "aurora" can be deleted by an update, with all that it holds (protect: false). Allowed: true. Set protect: true among the resource\'s options, or name it in ephemeral of this rule.',
    ],
    [
      aws.redis,
      { protect: false },
      'Redis "redis" can be deleted by an update, with all that it holds (protect: false). Allowed: true. Set protect: true among the resource\'s options, or name it in ephemeral of this rule.',
    ],
    [
      aws.table,
      { protect: false },
      'Table "locks" can be deleted by an update, with all that it holds (protect: false). Allowed: true. Set protect: true among the resource\'s options, or name it in ephemeral of this rule.',
    ],
    [
      aws.key,
      { protect: false },
      'Key "secrets" can be deleted by an update, with all that it holds (protect: false). Allowed: true. Set protect: true among the resource\'s options, or name it in ephemeral of this rule.',
    ],
    [
      aws.secret,
      { protect: false },
      'Secret "redis-password" can be deleted by an update, with all that it holds (protect: false). Allowed: true. Set protect: true among the resource\'s options, or name it in ephemeral of this rule.',
    ],
  ]);

  it("lets what its configuration calls ephemeral go", async () => {
    const config = { ephemeral: ["runs", "*-operations"] };
    const runs = infrastructure(aws.bucket, { forceDestroy: true }, "runs");
    const key = infrastructure(aws.key, {}, "backbone-keys-operations");
    for (const one of [runs, key]) {
      assert.deepEqual(await judge(rule, one, { config, protect: false }), []);
      assert.equal((await judge(rule, one, { protect: false })).length, 1);
    }
  });
});
