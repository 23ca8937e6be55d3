import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { history, historyFile, type HistoryOptions } from "../../pipeline/history";
import { UserError } from "../../pipeline/user-error";
import type { Entry } from "../../provider/history/entry";
import { canonicalJson } from "../../provider/history/chain";
import { append } from "../../provider/history/journal";
import { chainOf, linesOf, newEntry } from "../provider/history/entries";

describe("npm run history", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "slipway-history-"));
    for (const file of ["Pulumi.yaml", "Pulumi.local.yaml"]) cpSync(file, join(root, file));
    for (const folder of ["engine", "node_modules"]) symlinkSync(resolve(folder), join(root, folder));
    mkdirSync(join(root, ".slipway/history"), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const file = () => join(root, historyFile("local"));
  const write = (...entries: Entry[]) => writeFileSync(file(), linesOf(entries));

  /** A state of the stack that has this as its output `record`. */
  function rememberRecord(record: unknown): void {
    const folder = join(root, ".slipway/state/.pulumi/stacks/slipway");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(root, ".slipway/passphrase"), "test");
    const urn = "urn:pulumi:local::slipway::pulumi:pulumi:Stack::slipway-local";
    const stack = { urn, custom: false, type: "pulumi:pulumi:Stack", outputs: { record } };
    const latest = {
      manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
      resources: [stack],
    };
    const checkpoint = { stack: "organization/slipway/local", latest };
    writeFileSync(join(folder, "local.json"), JSON.stringify({ version: 3, checkpoint }));
  }

  async function run(options: HistoryOptions = {}, stack = "local") {
    const out: string[] = [];
    const told: string[] = [];
    const exitCode = await history(
      root,
      stack,
      options,
      (line) => out.push(line),
      (line) => told.push(line),
    );
    return { exitCode, out, told };
  }

  const three = () =>
    chainOf(
      [
        newEntry({
          version: "1.0.0",
          from: undefined as never,
          rollbackTarget: undefined as never,
          steps: [],
        }),
        newEntry({
          ...{
            action: "abort",
            fault: "canary 25 %: 9 of 80 requests failed",
            featureFlags: { search: true },
          },
          toggles: { payments: "mock" },
        }),
        newEntry({
          ...{ version: "1.2.0", migrations: { expand: ["001-add"], contract: ["002-drop"] } },
          backup: {
            ...{ file: "sample.dump", sha256: "0".repeat(64), bytes: 1000, takenAt: "2026-01-01T12:00:00Z" },
            restoreCommand: "docker exec db pg_restore sample.dump",
          },
        }),
      ].map((entry) => JSON.parse(JSON.stringify(entry)) as typeof entry),
    );

  it("shows the entries as a table, newest first, each with its figures and its way back", async () => {
    write(...three());
    const { exitCode, out, told } = await run();
    assert.deepEqual(out, [
      "#  at                    action  service  version  from   strategy  by   reason",
      "3  2026-01-01T12:02:00Z  deploy  sample   1.2.0    1.0.0  canary    ann  -",
      "    step             25 % for 10 s: passed, 100 requests, 1 error, p95 12.5 ms (stable 11 ms)",
      "    migration        001-add (expand)",
      "    migration        002-drop (contract)",
      "    rollback target  1.0.0",
      "    restore          docker exec db pg_restore sample.dump",
      "2  2026-01-01T12:01:00Z  abort   sample   1.1.0    1.0.0  canary    ann  -",
      "    fault            canary 25 %: 9 of 80 requests failed",
      "    step             25 % for 10 s: passed, 100 requests, 1 error, p95 12.5 ms (stable 11 ms)",
      "    settings         search on, payments mock",
      "    rollback target  1.0.0",
      "1  2026-01-01T12:00:00Z  deploy  sample   1.0.0    -      canary    ann  -",
    ]);
    assert.deepEqual([exitCode, told], [0, []]);
  });

  it("shows only as many as asked for, and verifies all", async () => {
    write(...three());
    const { out } = await run({ limit: "1" });
    assert.equal(out.length, 7);
    writeFileSync(file(), readFileSync(file(), "utf8").replace("search", "Search"));
    const { exitCode, out: shown } = await run({ limit: "1" });
    assert.deepEqual(shown, out);
    assert.equal(exitCode, 1);
  });

  it("prints nothing but the entries with --json", async () => {
    const entries = three();
    write(...entries);
    const { exitCode, out } = await run({ json: true, limit: "2" });
    assert.deepEqual(JSON.parse(out.join("\n")), [entries[2], entries[1]]);
    assert.equal(exitCode, 0);
  });

  it("keeps what a terminal would obey out of the table", async () => {
    const [entry] = chainOf([newEntry({ steps: [], rollbackTarget: "1.0.0\n\u001b[2J" })]);
    write(entry!);
    const { out } = await run();
    assert.deepEqual(out.slice(2), ["    rollback target  1.0.0 [2J"]);
  });

  it("says in a sentence that there is no history yet", async () => {
    const none = ["There is no history of local yet; its first deployment begins it (npm run up)."];
    assert.deepEqual(await run(), { exitCode: 0, out: [], told: none });
    assert.deepEqual(await run({ json: true }), { exitCode: 0, out: ["[]"], told: none });
  });

  it("names the stacks there are, and the limits there can be", async () => {
    const message = 'There is no stack "prod"; there is: local.';
    await assert.rejects(run({}, "prod"), new UserError(message));
    for (const limit of ["0", "-1", "many", "1.5"]) {
      const text = `--limit is "${limit}"; it can be a whole number from 1 on.`;
      await assert.rejects(run({ limit }), new UserError(text));
    }
  });

  it("shows a journal that was changed all the same, tells the fault, and fails", async () => {
    write(...three());
    writeFileSync(file(), readFileSync(file(), "utf8").replace("9 of 80", "0 of 80"));
    const { exitCode, out, told } = await run();
    assert.equal(exitCode, 1);
    assert.equal(out.length, 13);
    assert.deepEqual(told, [
      "error: The history of local cannot be trusted. Entry 2 was edited: its hash does not fit what it says.",
      `Compare ${file()} with a copy of it, and put the true one back; what is live is not touched by this.`,
    ]);
  });

  it("tells a last line that was not written to its end", async () => {
    write(...three());
    appendFileSync(file(), canonicalJson(three()[2]!).slice(0, 50));
    const { exitCode, told } = await run({ limit: "1" });
    assert.equal(exitCode, 0);
    assert.deepEqual(told, [
      `The last line of ${file()} was not written to its end: a crash, or an entry that is being written.`,
    ]);

    await append(file(), newEntry());
    const { exitCode: later, told: kept } = await run();
    assert.equal(later, 0);
    assert.deepEqual(kept, [`What crashes left of unfinished lines is kept in ${file()}.torn.`]);
  });

  it("fails when the journal has lost the entry that the stack's state knows of, or all of them", async () => {
    const [first, second, third] = three();
    rememberRecord({ sequence: 3, hash: third!.hash });
    write(first!, second!, third!);
    assert.equal((await run()).exitCode, 0);

    const lost =
      "error: The history of local cannot be trusted. Entry 3, which the stack's state knows of " +
      `(hash ${third!.hash}), is not in it.`;
    write(first!, second!);
    const cut = await run({ json: true });
    assert.equal(cut.exitCode, 1);
    assert.equal(cut.told[0], lost);
    assert.equal((JSON.parse(cut.out.join("\n")) as unknown[]).length, 2);

    rmSync(file());
    const { exitCode, told } = await run();
    assert.equal(exitCode, 1);
    assert.equal(told[0], lost);
  });

  it("asks nothing of a stack that was taken down", async () => {
    rememberRecord(null);
    write(...three());
    assert.deepEqual((await run()).exitCode, 0);
  });

  it("fails when nobody can know whether the newest entry is there", async () => {
    rememberRecord({ sequence: 3, hash: three()[2]!.hash });
    rmSync(join(root, ".slipway/passphrase"));
    write(...three());
    const { exitCode, told } = await run();
    assert.equal(exitCode, 1);
    assert.match(
      told[0] ?? "",
      /^error: The history of local cannot be trusted\. The stack's state, which knows the newest entry, cannot be read: The stack's secrets are encrypted/,
    );
  });
});
