import assert from "node:assert/strict";
import { exec } from "node:child_process";
import { promisify } from "node:util";
import { runOnce } from "../../../provider/one-off";
import { backup } from "../../../provider/resources/backup";
import { migration } from "../../../provider/resources/migration";
import { DatabaseRig } from "../support/database-rig";
import { eventually } from "../support/rig";

describe("Backup on Docker", function () {
  this.timeout(300_000);
  const rig = new DatabaseRig();
  let next: string;
  const files = async () => (await rig.inPostgres("ls", "-A", "/backups")).split("\n").filter(Boolean);
  const onVolume = (...command: string[]) =>
    runOnce(
      {
        ...{ task: "touch", service: rig.prefix, image: rig.postgresImage, command, env: {} },
        ...{ network: rig.prefix, user: "postgres", memoryMb: 64, timeoutSeconds: 20 },
        volume: { name: `${rig.prefix}-backups`, path: "/var/lib/postgresql/data" },
      },
      rig.context.signal,
    );

  before(async () => {
    await rig.start();
    next = await rig.image({
      "003_add_notes": ["expand", "CREATE TABLE notes (entry bigint REFERENCES entries (id));"],
      "004_drop_message": ["contract", "ALTER TABLE entries DROP COLUMN message;"],
    });
    await migration.create(rig.migration(rig.sample, "1.0.0"), rig.context);
    await rig.sql("INSERT INTO entries (name, message) VALUES ('Ada', 'hello')");
  });
  after(() => rig.stop());

  it("dumps nothing when nothing is pending", async () => {
    assert.deepEqual(await backup.create(rig.backup(rig.sample, "1.0.0"), rig.context), {
      pending: [],
      backup: null,
    });
    assert.deepEqual(await files(), []);
  });

  it("leaves nothing behind, and tells no secret, when the dump fails", async () => {
    const wanted = rig.backup(next, "1.1.0");
    const failing = backup.create(
      {
        ...wanted,
        env: { ...wanted.env, PGDATABASE: "bokk" },
        listCommand: ["echo", "pending expand 003_add_notes"],
      },
      rig.context,
    );
    await assert.rejects(failing, (error: Error) => {
      assert.match(
        error.message,
        /^The backup of bokk before \S+-1\.1\.0 failed: "pg_dump" ended with exit code 1\. Nothing was changed; what was live before is still live\.\nLast log lines:\n {2}pg_dump: error: .*database "bokk" does not exist$/,
      );
      return true;
    });
    assert.deepEqual(await files(), []);
  });

  it("takes a dump that its own command restores, whatever came after it", async () => {
    const wanted = rig.backup(next, "1.1.0");
    const before = await rig.dump();
    const outputs = await backup.create(wanted, rig.context);
    assert.deepEqual(outputs.pending, ["003_add_notes", "004_drop_message"]);
    const facts = outputs.backup;
    assert.ok(facts !== null);
    assert.match(facts.file, new RegExp(`^${rig.prefix}-1\\.1\\.0-\\d{8}T\\d{6}Z\\.dump$`));
    assert.deepEqual(await files(), [facts.file, `${facts.file}.sha256`]);
    const checked = await rig.inPostgres("sh", "-c", `cd /backups && sha256sum -c ${facts.file}.sha256`);
    assert.equal(checked, `${facts.file}: OK`);
    assert.equal(
      await rig.inPostgres("cat", `/backups/${facts.file}.sha256`),
      `${facts.sha256}  ${facts.file}`,
    );
    assert.equal(await rig.inPostgres("stat", "-c", "%s", `/backups/${facts.file}`), String(facts.bytes));

    for (const phase of ["expand", "contract"] as const) {
      await migration.create(rig.migration(next, "1.1.0", phase), rig.context);
    }
    await rig.sql("INSERT INTO notes SELECT id FROM entries; UPDATE entries SET name = 'Mallory'");
    const changed = await rig.dump();
    const session = rig.sql("SELECT pg_sleep(60)").catch(() => "thrown out");
    await eventually("someone is connected", async () => {
      return (await rig.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%sleep(60)%'")) === "2";
    });
    assert.notEqual(changed, before);
    await promisify(exec)(facts.restoreCommand);
    assert.equal(await session, "thrown out");
    assert.equal(await rig.dump(), before);
    assert.equal(await rig.sql("SELECT name || ': ' || message FROM entries"), "Ada: hello");

    const state = { ...wanted, ...outputs };
    assert.deepEqual(await backup.read(state, rig.context), outputs);
    assert.doesNotMatch(JSON.stringify([outputs, rig.context.said]), new RegExp(rig.canary));
  });

  it("keeps what the retention says, of this service only, and says so when a dump is gone", async () => {
    const old = (version: string, day: string) => `${rig.prefix}-${version}-202001${day}T000000Z.dump`;
    const others = [`${rig.prefix}-api-1.0.0-20200101T000000Z.dump`, "notes.txt"];
    const places = [old("1.0.0", "01"), `${old("1.0.0", "01")}.sha256`, old("2.0.0", "02"), ...others];
    await onVolume("touch", ...places.map((file) => `/var/lib/postgresql/data/${file}`));
    const [earlier = ""] = await files().then((all) => all.filter((file) => file.includes("-1.1.0-")));
    const wanted = { ...rig.backup(next, "1.2.0"), keepCount: 1 };
    const outputs = await backup.create(wanted, rig.context);
    const made = outputs.backup?.file ?? "";
    assert.deepEqual((await files()).sort(), [made, `${made}.sha256`, ...others].sort());

    const lost = { ...wanted, ...outputs, backup: { ...outputs.backup!, file: earlier } };
    assert.deepEqual(await backup.read(lost, rig.context), { pending: outputs.pending, backup: null });
    assert.deepEqual(await rig.oneOffs(), []);
  });
});
