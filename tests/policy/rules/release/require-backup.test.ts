import assert from "node:assert/strict";
import { requireBackup as rule } from "../../../../policy/rules/release/require-backup";
import { release } from "../../compliant";
import { ecsService, invocation } from "../../gates";
import { judgeStack } from "../../support";

const migration = { type: "slipway:index:Migration", name: "expand", props: {} };
const backup = { type: "slipway:index:Backup", name: "backup", props: {} };
const database = { type: "aws:rds/instance:Instance", name: "postgres", props: {} };
const fault = (name: string): [string, string] => [
  name,
  `"${name}" may change the schema, and no backup comes before it. Allowed: with one. Declare it.`,
];

describe("release-require-backup", () => {
  it("lets migrations with a backup pass, a hooked service, and a service without a database", async () => {
    assert.deepEqual(await judgeStack(rule, [release(), backup, migration]), []);
    assert.deepEqual(await judgeStack(rule, [database, ecsService("PRE_SCALE_UP")]), []);
    assert.deepEqual(await judgeStack(rule, [ecsService()]), []);
    assert.deepEqual(
      await judgeStack(rule, [database, invocation, { ...ecsService(), dependsOn: [invocation] }]),
      [],
    );
  });

  it("finds what may change the schema without a backup", async () => {
    assert.deepEqual(
      await judgeStack(rule, [release(), migration, database, ecsService("PRODUCTION_TRAFFIC_SHIFT")]),
      [fault("expand"), fault("service")],
    );
  });

  it("asks nothing of a rollback", async () => {
    assert.deepEqual(
      await judgeStack(rule, [release({ rollback: true }), migration, database, ecsService()]),
      [],
    );
  });
});
