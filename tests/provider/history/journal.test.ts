import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { findFault, firstHash } from "../../../provider/history/chain";
import { append, readHistory, readJournal } from "../../../provider/history/journal";
import { anyNewEntry, chainOf, linesOf, newEntry } from "./entries";

describe("the journal", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-history-"));
    file = join(folder, "history/local.jsonl");
  });
  afterEach(() => {
    delete process.env["SLIPWAY_ACTOR"];
    delete process.env["SLIPWAY_REASON"];
    rmSync(folder, { recursive: true });
  });

  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const text = () => readFileSync(file, "utf8");
  /** Puts what is there in place of the journal. */
  const rewrite = (content: string) => writeFileSync(file, content);

  it("has no entries before the first", async () => {
    assert.deepEqual(await readJournal(file), { entries: [] });
  });

  it("adds who, when, why, and the place in the chain", async () => {
    process.env["SLIPWAY_ACTOR"] = "ann";
    process.env["SLIPWAY_REASON"] = "the button was red";
    const before = new Date().toISOString();
    const first = await append(file, newEntry());
    delete process.env["SLIPWAY_ACTOR"];
    delete process.env["SLIPWAY_REASON"];
    const second = await append(file, newEntry({ version: "1.2.0", action: "rollback" }));

    assert.deepEqual(first, {
      ...newEntry(),
      ...{ sequence: 1, at: first.at, by: "ann", reason: "the button was red" },
      ...{ previousHash: firstHash, hash: first.hash },
    });
    assert.ok(first.at >= before && first.at <= new Date().toISOString(), first.at);
    assert.equal(second.sequence, 2);
    assert.equal(second.by, userInfo().username);
    assert.equal(second.reason, "");
    assert.equal(second.previousHash, first.hash);
    assert.deepEqual(await readJournal(file), { entries: [first, second] });
    assert.equal(text(), linesOf([first, second]));
  });

  it("is its owner's alone, folders and all, and leaves nothing beside itself", async () => {
    await append(file, newEntry());
    assert.equal(modeOf(file), "600");
    assert.equal(modeOf(join(folder, "history")), "700");
    assert.deepEqual(readdirSync(join(folder, "history")), ["local.jsonl"]);
  });

  it("keeps secrets out of what went wrong and why", async () => {
    process.env["SLIPWAY_REASON"] = "new postgres://app:hunter22@db/app";
    const entry = await append(file, newEntry({ action: "abort", fault: "GET / said password=hunter22" }));
    assert.equal(entry.reason, "new postgres://app:***@db/app");
    assert.equal(entry.fault, "GET / said password=***");
  });

  it("gives back any entry as it was told", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyNewEntry, { maxLength: 3 }), async (entries) => {
        rmSync(file, { force: true });
        const added = [];
        for (const entry of entries) added.push(await append(file, entry));
        assert.deepEqual(await readJournal(file), { entries: added });
        assert.deepEqual(
          added.map(({ version }) => version),
          entries.map(({ version }) => version),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("refuses what could not be read back, and is as before", async () => {
    const target = { requests: 0, errors: Number.NaN };
    const step = { weightPercent: 5, seconds: 1, verdict: "failed" as const, target };
    await assert.rejects(append(file, newEntry({ steps: [step] })), /errors/);
    assert.deepEqual(await readJournal(file), { entries: [] });
  });

  it("takes entries from many at once, one after the other", async () => {
    const services = Array.from({ length: 12 }, (_, index) => `service-${index}`);
    await Promise.all(services.map((service) => append(file, newEntry({ service }))));
    const { entries, fault } = await readJournal(file);
    assert.equal(fault, undefined);
    assert.deepEqual(entries.map(({ service }) => service).sort(), services.sort());
  });

  it("takes entries from two processes at once", async () => {
    const writers = ["first", "second"].map((service) => {
      const args = ["--import", "tsx", "tests/provider/history/writer.ts", file, "20", service];
      return spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    });
    await Promise.all(writers.map(({ stdout }) => once(stdout, "data")));
    const codes = await Promise.all(
      writers.map(async (writer) => {
        writer.stdin.end();
        return ((await once(writer, "exit")) as [number])[0];
      }),
    );
    assert.deepEqual(codes, [0, 0]);
    const { entries, fault } = await readJournal(file);
    assert.equal(fault, undefined);
    for (const service of ["first", "second"]) {
      assert.deepEqual(
        entries.filter((entry) => entry.service === service).map(({ version }) => version),
        Array.from({ length: 20 }, (_, index) => `1.0.${index}`),
      );
    }
    assert.deepEqual(readdirSync(join(folder, "history")), ["local.jsonl"]);
  }).timeout(60_000);

  describe("whose writer died", () => {
    const lockOf = (pid: number, host = hostname()) => `${file}.lock.${pid}.some-id.${host}`;
    /** The number of a process that has ended. */
    async function deadPid(): Promise<number> {
      const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
      await once(child, "exit");
      return child.pid!;
    }

    it("is not held by the lock of a process that is gone", async () => {
      await append(file, newEntry());
      writeFileSync(lockOf(await deadPid()), "");
      await append(file, newEntry());
      assert.deepEqual(readdirSync(join(folder, "history")), ["local.jsonl"]);
    });

    it("is not held by an old lock, whatever has its process's number now", async () => {
      await append(file, newEntry());
      for (const lock of [lockOf(process.pid), lockOf(1, "elsewhere.example")]) {
        writeFileSync(lock, "");
        const old = Date.now() / 1000 - 61;
        utimesSync(lock, old, old);
      }
      assert.equal((await append(file, newEntry())).sequence, 2);
    });

    it("is held by a lock whose process runs, until that lets go", async () => {
      await append(file, newEntry());
      writeFileSync(lockOf(process.pid), "");
      let done = false;
      const waiting = append(file, newEntry()).then((entry) => {
        done = true;
        return entry;
      });
      // Other work of the same kind, to know that there was time enough.
      for (let index = 0; index < 10; index++) await append(join(folder, "other.jsonl"), newEntry());
      assert.equal(done, false);
      assert.equal((await readHistory(file)).length, 1);
      rmSync(lockOf(process.pid));
      assert.equal((await waiting).sequence, 2);
    });

    it("keeps the line that was cut off beside it, and goes on after the last whole entry", async () => {
      const first = await append(file, newEntry());
      const cut = linesOf(chainOf([newEntry()])).slice(0, 100);
      rewrite(text() + cut);
      assert.deepEqual(await readJournal(file), { entries: [first], torn: cut });

      const second = await append(file, newEntry());
      assert.equal(second.sequence, 2);
      assert.deepEqual(await readJournal(file), { entries: [first, second] });
      assert.equal(readFileSync(`${file}.torn`, "utf8"), `${cut}\n`);
      assert.equal(modeOf(`${file}.torn`), "600");
    });

    it("goes on after a first line that was cut off in the middle of a character", async () => {
      const [entry] = chainOf([newEntry({ version: "ü" })]);
      const bytes = Buffer.from(linesOf([entry!]));
      await append(file, newEntry());
      writeFileSync(file, bytes.subarray(0, bytes.indexOf(Buffer.from("ü")) + 1));
      const added = await append(file, newEntry());
      assert.equal(added.sequence, 1);
      assert.equal(text(), linesOf([added]));
    });
  });

  describe("that somebody changed", () => {
    beforeEach(async () => {
      for (const version of ["1.0.0", "1.1.0", "1.2.0"]) await append(file, newEntry({ version }));
    });

    it("tells the entry that was edited, takes the next one, and goes on telling", async () => {
      rewrite(text().replace('"version":"1.1.0"', '"version":"9.9.9"'));
      const fault = { sequence: 2, message: "Entry 2 was edited: its hash does not fit what it says." };
      assert.deepEqual((await readJournal(file)).fault, fault);
      assert.equal((await append(file, newEntry())).sequence, 4);
      const { entries, fault: later } = await readJournal(file);
      assert.deepEqual(later, fault);
      assert.deepEqual(findFault(entries), fault);
      assert.equal(entries.length, 4);
    });

    it("tells the line that is no entry any more, takes the next one, and goes on telling", async () => {
      rewrite(text().replace(/.*\n$/, "gone\n"));
      const fault = { sequence: 3, message: "Line 3 was edited: it is no entry any more." };
      const { entries, fault: told } = await readJournal(file);
      assert.deepEqual(told, fault);
      assert.equal(entries.length, 2);
      assert.equal((await append(file, newEntry())).sequence, 4);
      assert.deepEqual((await readJournal(file)).fault, fault);
      // Taking the line away does not hide it.
      rewrite(text().replace("gone\n", ""));
      assert.equal((await readJournal(file)).fault?.message, "Entry 3 is missing; entry 4 is in its place.");
    });

    it("tells the entry that was removed, takes the next one, and goes on telling", async () => {
      rewrite(text().split("\n").toSpliced(1, 1).join("\n"));
      const fault = { sequence: 2, message: "Entry 2 is missing; entry 3 is in its place." };
      assert.deepEqual((await readJournal(file)).fault, fault);
      assert.equal((await append(file, newEntry())).sequence, 4);
      assert.deepEqual((await readJournal(file)).fault, fault);
    });

    it("tells a field that was said twice, of which a reader would believe the last", async () => {
      rewrite(text().replace('"version":"1.1.0"', '"version":"9.9.9","version":"1.1.0"'));
      assert.equal((await readJournal(file)).fault?.message, "Line 2 was edited: it is no entry any more.");
    });

    it("tells of any single byte that was changed", async () => {
      const whole = readFileSync(file);
      await fc.assert(
        fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
          const changed = Buffer.from(whole);
          changed.writeUInt8(whole.readUInt8(at) ^ change, at);
          writeFileSync(file, changed);
          const { fault, torn } = await readJournal(file);
          assert.ok(fault ?? torn, changed.toString());
        }),
        { numRuns: 300 },
      );
    });
  });

  it("says which file cannot be read", async () => {
    await append(file, newEntry());
    await assert.rejects(readHistory(join(folder, "history")), /^Error: The history cannot be read: EISDIR/);
  });
});
