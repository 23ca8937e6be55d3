import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { requireSecretRotation as rule } from "../../../../policy/rules/configuration/require-secret-rotation";
import { itJudges } from "../../infrastructure";
import { judge } from "../../support";

const password = (rotation: unknown) => ({
  type: "random:index/randomPassword:RandomPassword",
  name: "redis-password",
  props: { length: 64, keepers: { rotation } },
});
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

describe("configuration-require-secret-rotation", () => {
  itJudges(rule, [
    [
      aws.secretRotation,
      { rotationRules: { automaticallyAfterDays: 365 } },
      'Rotation "postgres-rotation" comes too seldom (automaticallyAfterDays: 365). Allowed: 1 to 90 days, or a schedule. Set it.',
    ],
    [
      aws.secretRotation,
      { rotationRules: {} },
      'Rotation "postgres-rotation" comes too seldom (automaticallyAfterDays: none). Allowed: 1 to 90 days, or a schedule. Set it.',
    ],
  ]);

  it("lets a password pass that says it was made in time", async () => {
    assert.deepEqual(await judge(rule, password(`${daysAgo(10)} after the audit`)), []);
  });

  it("tells of one that does not say, and refuses one that is too old", async () => {
    for (const rotation of ["", "v2", undefined]) {
      assert.deepEqual(await judge(rule, password(rotation)), [
        'advisory: Password "redis-password" does not say when it was made. Allowed: a rotation that begins with a date, such as 2026-11-30. Set slipway:secretRotation of it.',
      ]);
    }
    const old = daysAgo(100);
    assert.deepEqual(await judge(rule, password(old)), [
      `Password "redis-password" was made on ${old}, more than 90 days ago. Allowed: 90 days. Set slipway:secretRotation of it to today's date.`,
    ]);
    assert.deepEqual(await judge(rule, password(old), { config: { maxAgeDays: 120 } }), []);
  });
});
