import assert from "node:assert/strict";
import { requireMigrationOrder as rule } from "../../../../policy/rules/release/require-migration-order";
import { rollout, smokeTest } from "../../compliant";
import { judgeStack, unknown, type StackResource } from "../../support";

const backup = { type: "slipway:index:Backup", name: "sample-backup", props: {} };
const target = rollout();
const migration = (phase: string, uses?: StackResource["uses"]): StackResource => ({
  type: "slipway:index:Migration",
  name: `sample-${phase}`,
  props: { phase, after: unknown },
  ...(uses && { uses }),
});

describe("release-require-migration-order", () => {
  it("lets expand after the backup and contract after the rollout pass", async () => {
    const [expand, contract] = [
      migration("expand", { after: backup }),
      migration("contract", { after: target }),
    ];
    assert.deepEqual(await judgeStack(rule, [backup, target, expand, contract]), []);
  });

  it("finds an expansion without a backup before it, and a contraction before the rollout", async () => {
    const test = smokeTest();
    assert.deepEqual(
      await judgeStack(rule, [
        test,
        backup,
        migration("expand"),
        migration("contract", { after: test }),
        { ...migration("contract", { after: backup }), name: "other" },
      ]),
      [
        [
          "sample-expand",
          'Migration "sample-expand" ("expand") does not come after a Backup: nothing to restore if it goes wrong. Allowed: after: the id of the Backup. Pass it.',
        ],
        [
          "sample-contract",
          'Migration "sample-contract" ("contract") does not come after a Rollout: the version before may still need what it takes away. Allowed: after: the id of the Rollout. Pass it.',
        ],
        [
          "other",
          'Migration "other" ("contract") does not come after a Rollout: the version before may still need what it takes away. Allowed: after: the id of the Rollout. Pass it.',
        ],
      ],
    );
  });
});
