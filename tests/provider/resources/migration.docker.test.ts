import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { runOnce } from "../../../provider/one-off";
import { migration } from "../../../provider/resources/migration";
import { poll } from "../../../provider/wait";
import { DatabaseRig } from "../support/database-rig";
import { Plugin } from "../support/plugin";
import { eventually } from "../support/rig";

const secretKey = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

describe("Migration on Docker", function () {
  this.timeout(300_000);
  const rig = new DatabaseRig();
  let first: string;
  const add = "CREATE TABLE notes (entry bigint);";
  const withoutCanary = (text: string) => assert.ok(!text.includes(rig.canary), "it tells the secret");

  before(async () => {
    await rig.start();
    first = rig.sample;
  });
  after(() => rig.stop());

  it("applies everything to an empty database, once when two are at it", async () => {
    const inputs = rig.migration(first, "1.0.0");
    const both = ["001_create_entries", "002_index_entries_by_time"];
    const created = [migration.create(inputs, rig.context), migration.create(inputs, rig.context)];
    assert.deepEqual(await Promise.all(created), [{ applied: both }, { applied: both }]);
    assert.equal(await rig.sql("SELECT count(*) FROM schema_migrations"), "2");
    assert.equal(
      rig.context.said[0],
      "expand migrations pending: 001_create_entries, 002_index_entries_by_time",
    );
  });

  it("keeps what is secret a secret in the state", async () => {
    const inputs = rig.migration(first, "1.0.0");
    const secret = { [secretKey]: secretMark, value: rig.canary };
    const wire = { ...inputs, env: { ...inputs.env, PGPASSWORD: secret } };
    const plugin = await Plugin.start();
    try {
      const { properties } = await plugin.create("slipway:index:Migration", wire);
      assert.deepEqual(properties, { ...wire, applied: [] });
    } finally {
      await plugin.stop();
    }
  });

  it("leaves schema and data as before when one of the migrations fails", async () => {
    await rig.sql("INSERT INTO entries (name, message) VALUES ('Ada', 'hello')");
    const before = await rig.dump();
    const image = await rig.image({
      "003_add_notes": ["expand", `${add} UPDATE entries SET message = 'gone';`],
      "004_broken": ["expand", "ALTER TABLE no_such_table ADD COLUMN a text;"],
    });
    await assert.rejects(migration.create(rig.migration(image, "1.1.0"), rig.context), {
      message: [
        `The expand migration of ${rig.prefix}-1.1.0 failed: "node /app/migrate.js run expand" ended with exit code 1. Nothing was changed: 003_add_notes, 004_broken are still pending, and what was live before is still live.`,
        "Last log lines:",
        '  migrate: 004_broken: 42P01: relation "no_such_table" does not exist; nothing was changed',
      ].join("\n"),
    });
    assert.equal(await rig.dump(), before);
  });

  it("tells no secret that a migration prints", async () => {
    const inputs = rig.migration(first, "1.1.0");
    const failing = migration.create(
      {
        ...inputs,
        env: { ...inputs.env, STRIPE: `sk_live_${rig.canary}` },
        listCommand: ["echo", "pending expand 003_x"],
        runCommand: ["sh", "-c", "env | sort; psql postgres://app:$PGPASSWORD@db/book; exit 3"],
      },
      rig.context,
    );
    await assert.rejects(failing, (error: Error) => {
      withoutCanary(error.message);
      assert.match(error.message, /ended with exit code 3\. Nothing was changed: 003_x is still pending/);
      assert.match(error.message, /\n {2}PGPASSWORD=\*\*\*\n/);
      assert.match(error.message, /\n {2}STRIPE=\*\*\*\n/);
      return true;
    });
  });

  it("applies each phase in its turn, and the service's own command reverts the last one", async () => {
    const image = await rig.image({
      "003_add_notes": ["expand", add],
      "004_drop_message": ["contract", "ALTER TABLE entries DROP COLUMN message;"],
    });
    const columns = "SELECT string_agg(attname, ' ') FROM pg_attribute WHERE attrelid = 'entries'::regclass";
    const expand = rig.migration(image, "1.1.0");
    assert.deepEqual(await migration.create(expand, rig.context), { applied: ["003_add_notes"] });
    assert.match(await rig.sql(columns), /message/);
    assert.deepEqual(await migration.create(expand, rig.context), { applied: [] });
    const contract = { ...expand, phase: "contract" as const };
    assert.deepEqual(await migration.create(contract, rig.context), { applied: ["004_drop_message"] });
    assert.doesNotMatch(await rig.sql(columns), /message/);
    const command = ["npm", "run", "--silent", "migration:revert"];
    const outcome = await runOnce({ ...expand, task: "revert", command }, rig.context.signal);
    assert.deepEqual(outcome, { exitCode: 0, outOfMemory: false, output: "reverted 004_drop_message\n" });
    assert.equal(await rig.sql("SELECT max(id) FROM schema_migrations"), "003_add_notes");
  });

  it("ends at once when it is cancelled: container gone, database as before, the secret on no command line", async () => {
    const image = await rig.image({
      "003_add_notes": ["expand", add],
      "005_slow": ["expand", "CREATE TABLE slow (); SELECT pg_sleep(60);"],
    });
    const before = await rig.dump();
    const sleeping = async () =>
      rig.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    const running = migration.create(rig.migration(image, "1.2.0"), rig.context);
    const cancelled = assert.rejects(running, { message: "Cancelled." });
    const runs = async () => (await sleeping()) === "1" || undefined;
    await poll(runs, { everyMs: 100, withinMs: 90_000, signal: rig.cancel.signal });
    withoutCanary(
      execFileSync("docker", ["ps", "--no-trunc", "--format", "{{json .}}"], { encoding: "utf8" }),
    );
    withoutCanary(execFileSync("ps", ["axww", "-o", "args"], { encoding: "utf8" }));
    rig.cancel.abort(new Error("Cancelled."));
    await cancelled;
    assert.deepEqual(await rig.oneOffs(), []);
    await eventually("Postgres lets go of it", async () => (await sleeping()) === "0");
    assert.equal(await rig.dump(), before);
  });
});
