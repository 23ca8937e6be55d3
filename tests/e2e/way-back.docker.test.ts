import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fixture, must } from "../../bench/rollout/fixture";
import { contractMigration, expandMigration } from "../../bench/variants";
import { readHistory } from "../../provider/history/journal";
import { eventually } from "../provider/support/rig";

const scale = {
  ...{
    perSecond: 20,
    leastRequests: 50,
    quietSeconds: 0,
    webSockets: 0,
    answerLimitSeconds: 60,
    replicas: 1,
    drainSeconds: 1,
  },
  ...{ bakeSeconds: 0, steps: [100], crashSeconds: 1, analysis: {} },
};
const strategy = { kind: "blue-green", bakeSeconds: 0 };

/** The commands of docs/runbooks/restore.md, with other names in place of its own. */
function runbookCommands(names: Record<string, string>): string[] {
  const text = readFileSync("docs/runbooks/restore.md", "utf8");
  const blocks = [...text.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].flatMap(([, block = ""]) =>
    block.trim().split("\n"),
  );
  const replaced = new RegExp(Object.keys(names).join("|"), "g");
  return blocks.map((line) => line.trim().replace(replaced, (name) => names[name] ?? name));
}

describe("the way back", function () {
  this.timeout(400_000);
  let fixture: Fixture;
  before(async () => {
    fixture = await Fixture.make("way-back", scale);
  });
  after(() => fixture.remove());

  const journal = (): string => join(fixture.project.root, ".slipway/history/local.jsonl");
  const newestFirst = async () => (await readHistory(journal())).reverse();
  const psql = (sql: string): string =>
    execFileSync("docker", ["exec", fixture.container("postgres"), "psql", "-U", "slipway", "-tAc", sql], {
      encoding: "utf8",
    }).trim();

  it("rolls back by itself when a release breaks in the window after it, and holds that release", async () => {
    const monitor = { seconds: 60, minRequests: 5, maxErrorPercent: 1 };
    fixture.project.configure({ version: "1.2.0", strategy, drainSeconds: 1, monitor });
    const running = fixture.project.run("up", "--reason", "a nicer page");
    const container = fixture.container("sample-1.2.0-1");
    await eventually(
      "1.2.0 is live",
      async () => (await newestFirst()).some(({ version }) => version === "1.2.0"),
      60_000,
    );
    execFileSync("docker", ["pause", container]);
    const { exitCode, all } = await running;
    execFileSync("docker", ["unpause", container]);

    assert.equal(exitCode, 1, all);
    assert.match(all, /sample 1\.2\.0 .*(DOWN|down).*: rolling back/);
    // The traffic moves before the engine starts.
    assert.match(all, /rolling back\n[^]*all traffic on sample 1\.1\.0 after .*\n[^]*Updating \(local\)/);
    assert.equal(await fixture.serving(), "1.1.0");
    const [back, deployed] = await newestFirst();
    assert.deepEqual([back?.action, back?.version, back?.from], ["rollback", "1.1.0", "1.2.0"]);
    assert.match(back?.reason ?? "", /^automatic: 1\.2\.0 /);
    assert.deepEqual(
      [deployed?.action, deployed?.version, deployed?.reason],
      ["deploy", "1.2.0", "a nicer page"],
    );

    fixture.project.configure({ version: "1.2.0", strategy, drainSeconds: 1 });
    const again = await fixture.project.run("up");
    assert.notEqual(again.exitCode, 0);
    assert.match(again.all, /sample 1\.2\.0 is held: it was rolled back from at/);
    assert.equal(await fixture.serving(), "1.1.0");
  });

  it("deploys a held version when someone says that it is good after all", async () => {
    must(await fixture.project.run("up", "--release-hold"), "up");
    assert.equal(await fixture.serving(), "1.2.0");
  });

  it("refuses the way back over a contract migration, and takes it once the backup is restored", async () => {
    psql("INSERT INTO entries (name, message) VALUES ('Ada', 'before the drop')");
    const migrations = [expandMigration, contractMigration];
    const update = await fixture.release({ version: "1.3.0", strategy, migrations });
    must(await update.outcome, "the release of 1.3.0");
    psql("INSERT INTO entries (name, message) VALUES ('Bob', 'after the drop')");

    const refused = await fixture.project.run("rollback", "local");
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.all, /1\.2\.0 cannot be rolled back to: it cannot run on the schema any more/);
    assert.equal(await fixture.serving(), "1.3.0");

    const restore = / 1\. (docker exec .*)$/m.exec(refused.all)?.[1];
    const dump = /\/backups\/(\S+\.dump)/.exec(restore ?? "")?.[1] ?? "";
    const commands = runbookCommands({
      DUMP: dump,
      VERSION: "1.2.0",
      "slipway-postgres": fixture.container("postgres"),
    });
    assert.ok(commands.includes(restore ?? ""), `${restore} is not in the runbook`);
    for (const command of commands) {
      const [, args] = /^npm run (.*)$/.exec(command) ?? [];
      if (args !== undefined)
        must(await fixture.project.run(...args.split(" ").filter((arg) => arg !== "--")), command);
      else execFileSync("sh", ["-c", command], { cwd: fixture.project.root, stdio: "pipe" });
    }
    assert.equal(await fixture.serving(), "1.2.0");
    assert.equal(psql("SELECT string_agg(name, ',') FROM entries"), "Ada");
    assert.equal(psql("SELECT count(*) FROM schema_migrations WHERE id LIKE '90%'"), "0");
  });

  it("tells a history that somebody edited", async () => {
    must(await fixture.project.run("history", "local"), "history");
    execFileSync("sed", ["-i", "s/a nicer page/an urgent fix/", journal()]);
    const { exitCode, all } = await fixture.project.run("history", "local");
    assert.equal(exitCode, 1);
    assert.match(all, /was edited/);
  });
});
