import assert from "node:assert/strict";
import type { OneOff, Outcome } from "../../../provider/one-off";
import { backup } from "../../../provider/resources/backup";
import type { BackupInputs } from "../../../provider/schema/backup";
import { contextOf, FakeGateway } from "../support/fake-gateway";

const sha = (digit: string) => `sha256:${digit.repeat(64)}`;
const database = { PGHOST: "postgres", PGDATABASE: "book", PGUSER: "app", PGPASSWORD: "hunter2" };
const inputs: BackupInputs = {
  ...{ service: "sample", version: "1.4.0", image: sha("a"), network: "mesh", listCommand: ["list"] },
  env: { ...database, REDIS_PASSWORD: "also secret" },
  ...{ postgresImage: sha("b"), postgresContainer: "slipway-postgres", volume: "slipway-backups" },
  ...{ keepCount: 3, keepDays: 30, memoryMb: 128, timeoutSeconds: 60 },
};

/** A world in which commands answer in turn. */
function worldOf(...answers: (string | Outcome)[]) {
  const ran: OneOff[] = [];
  const runOnce = async (oneOff: OneOff): Promise<Outcome> => {
    ran.push(oneOff);
    const answer = answers.shift() ?? "";
    return typeof answer === "string" ? { exitCode: 0, outOfMemory: false, output: answer } : answer;
  };
  return { ...contextOf(new FakeGateway()), runOnce, ran };
}
const dumped = `dump ${"c".repeat(64)} 1234\n`;

describe("Backup", () => {
  it("dumps nothing when nothing is pending", async () => {
    const world = worldOf("applied expand 001_a");
    assert.deepEqual(await backup.create(inputs, world), { pending: [], backup: null });
    assert.equal(world.ran.length, 1);
  });

  it("dumps when anything is pending, contract migrations too, and tells how to restore", async () => {
    const world = worldOf("pending contract 002_b", dumped);
    const { pending, backup: facts } = await backup.create(inputs, world);
    assert.deepEqual(pending, ["002_b"]);
    assert.match(facts?.file ?? "", /^sample-1\.4\.0-\d{8}T\d{6}Z\.dump$/);
    assert.deepEqual([facts?.sha256, facts?.bytes], ["c".repeat(64), 1234]);
    assert.match(facts?.restoreCommand ?? "", /^docker exec slipway-postgres /);
    assert.deepEqual(world.said, [
      "migrations pending: 002_b; dumping book first",
      `backup ${facts?.file}: 1234 bytes, verified`,
    ]);
  });

  it("gives the service's environment to the service's image, and of it only the database's to Postgres'", async () => {
    const world = worldOf("pending expand 002_b", dumped);
    await backup.create(inputs, world);
    const [list, dump] = world.ran;
    assert.deepEqual([list?.image, list?.env], [sha("a"), inputs.env]);
    assert.deepEqual([dump?.image, dump?.env, dump?.user], [sha("b"), database, "postgres"]);
  });

  it("fails when the dump does, or does not say what it made", async () => {
    const outcome = { exitCode: 1, outOfMemory: false, output: "No space left on device" };
    await assert.rejects(backup.create(inputs, worldOf("pending expand 002_b", outcome)), {
      message:
        'The backup of book before sample-1.4.0 failed: "pg_dump" ended with exit code 1. Nothing was changed; what was live before is still live.\n' +
        "Last log lines:\n  No space left on device",
    });
    await assert.rejects(backup.create(inputs, worldOf("pending expand 002_b", "")), /It said nothing\.$/);
  });

  it("takes no second dump for a rotated password, only for another image with migrations pending", async () => {
    const old = {
      pending: ["002_b"],
      backup: { ...{ file: "f", sha256: "s", bytes: 1 }, takenAt: "t", restoreCommand: "r" },
    };
    const state = { ...inputs, ...old };
    const rotated = { ...inputs, env: { ...inputs.env, PGPASSWORD: "correct horse" }, keepCount: 9 };
    const world = worldOf("applied expand 002_b", "pending expand 003_c", dumped);
    assert.deepEqual(await backup.update(rotated, state, world), old);
    assert.deepEqual(world.ran, []);
    assert.deepEqual(backup.foresee?.(rotated, state), old);
    const rebuilt = { ...inputs, image: sha("d") };
    assert.deepEqual(backup.foresee?.(rebuilt, state), {});
    assert.deepEqual(await backup.update(rebuilt, state, world), old);
    const again = await backup.update(rebuilt, state, world);
    assert.deepEqual([again.pending, again.backup?.bytes], [["003_c"], 1234]);
  });

  it("asks no volume about a dump that was never taken", async () => {
    const world = worldOf();
    assert.deepEqual(await backup.read({ ...inputs, pending: [], backup: null }, world), {
      pending: [],
      backup: null,
    });
    assert.deepEqual(world.ran, []);
  });
});
