import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import type { PendingOperation, ResourceState } from "../../../engine/model";
import { openStack } from "../../../engine/state/backend";
import { formatCheckpoint } from "../../../engine/state/checkpoint";
import type { Journal } from "../../../engine/state/journal";
import { parseJournal } from "../../../engine/state/journal-log";
import { PassphraseSecrets } from "../../../engine/state/secrets";
import { storedResource } from "../../../engine/state/serialize";
import type { Snapshot, Stack } from "../../../engine/state/stack";
import { makeSecret } from "../../../engine/values";

const resource = (name: string, more: Partial<ResourceState> = {}): ResourceState => ({
  urn: `urn:pulumi:dev::shop::t::${name}`,
  custom: false,
  type: "t",
  outputs: { name, password: makeSecret(`secret of ${name}`) },
  ...more,
});
const names = (resources: readonly ResourceState[]): string[] =>
  resources.map(({ urn }) => urn.split("::")[3] ?? "");

describe("the journal", () => {
  let secrets: PassphraseSecrets;
  let folder: string;
  let stack: Stack;
  let stateFile: string;
  let journalFile: string;

  before(async () => {
    secrets = await PassphraseSecrets.create("x");
  });
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "journal-"));
    stateFile = path.join(folder, ".pulumi", "stacks", "shop", "dev.json");
    journalFile = stateFile.replace(".json", ".journal.jsonl");
    stack = openStack(`file://${folder}`, "shop", "dev");
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** As if an earlier update had left it. */
  function writeBase({ resources, pendingOperations }: Snapshot): void {
    const secret = (plaintext: string) => ({ ciphertext: secrets.encrypt(plaintext) });
    const state = {
      salt: secrets.salt,
      resources: resources.map((each) => storedResource(each, secret)),
      pendingOperations: pendingOperations.map((each) => ({
        ...each,
        resource: storedResource(each.resource, secret),
      })),
      rest: {},
    };
    fs.mkdirSync(path.dirname(stateFile), { recursive: true });
    fs.writeFileSync(stateFile, formatCheckpoint(state, "organization/shop/dev"));
  }

  /** Opens a journal on a base, works with it and stops there: what a killed process leaves, but for its lock. */
  async function interrupted(base: ResourceState[], work: (journal: Journal) => void): Promise<void> {
    writeBase({ resources: base, pendingOperations: [] });
    const lock = stack.lock();
    work(await stack.openJournal(secrets, lock));
    lock.release();
  }

  const at = (journal: Journal, index: number): ResourceState => {
    const found = journal.base[index];
    assert.ok(found);
    return found;
  };

  it("rebuilds, from any part of it that reached the disk, the state after the last whole entry", async function () {
    this.timeout(240_000);
    const step = fc.record({
      kind: fc.constantFrom("begin", "begin", "abandon", "put", "put", "replace", "keep", "drop", "touch"),
      pick: fc.nat(),
      withToken: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(4), fc.array(step, { maxLength: 14 }), fc.nat(), async (size, steps, cut) => {
        const base: Snapshot = {
          resources: Array.from({ length: size }, (_, index) => resource(`base${index}`)),
          pendingOperations: [
            { resource: resource("lost"), type: "creating" },
            { resource: resource("base0"), type: "updating" },
          ],
        };
        writeBase(base);
        const lock = stack.lock();
        const journal = await stack.openJournal(secrets, lock);

        // The model: what was put, what is left of the base, what is being done, each as it is said to be.
        const done: ResourceState[] = [];
        const left = [...journal.base];
        const open = new Map<number, PendingOperation>();
        const states: Snapshot[] = [base];
        for (const [index, { kind, pick, withToken }] of steps.entries()) {
          const everything = [...done, ...left];
          const old = everything[pick % Math.max(1, everything.length)];
          const token = withToken ? [...open.keys()][pick % Math.max(1, open.size)] : undefined;
          const fresh = resource(`new${index}`);
          const leave = (gone: ResourceState) => {
            const list = done.includes(gone) ? done : left;
            list.splice(list.indexOf(gone), 1);
          };
          const isEnd = kind === "put" || (old && ["replace", "keep", "drop"].includes(kind));
          if (isEnd && token !== undefined) open.delete(token);
          if (kind === "begin") {
            const subject = withToken && old ? old : fresh;
            open.set(journal.begin("updating", subject), {
              resource: structuredClone(subject),
              type: "updating",
            });
          } else if (kind === "abandon") {
            const [given] = open.keys();
            if (given === undefined) continue;
            journal.abandon(given);
            open.delete(given);
          } else if (kind === "put") {
            journal.put(fresh, undefined, token);
            done.push(fresh);
          } else if (!old) continue;
          else if (kind === "drop") {
            journal.drop(old, token);
            leave(old);
          } else if (kind === "touch") {
            old.outputs = { touched: makeSecret(index) };
            journal.touch(old);
          } else {
            const next = kind === "keep" ? structuredClone(old) : { ...fresh, urn: old.urn };
            journal.put(next, old, token);
            leave(old);
            done.push(next);
          }
          assert.deepEqual(journal.resources(), [...done, ...left]);
          const lost = base.pendingOperations.slice(0, 1);
          states.push(
            structuredClone({
              resources: [...done, ...left],
              pendingOperations: [...lost, ...open.values()],
            }),
          );
        }

        lock.release();
        const bytes = fs.readFileSync(journalFile).subarray(0, cut % (fs.statSync(journalFile).size + 1));
        fs.writeFileSync(journalFile, bytes);
        const entries = Math.max(0, bytes.toString("latin1").split("\n").length - 2);
        const expected = states[entries];
        assert.deepEqual(openStack(`file://${folder}`, "shop", "dev").snapshot(secrets), expected);
        assert.equal(fs.existsSync(journalFile), false);
        assert.deepEqual(openStack(`file://${folder}`, "shop", "dev").snapshot(secrets), expected);
      }),
      { numRuns: 150 },
    );
  });

  it("survives a process that is killed in the middle of an update", async () => {
    writeBase({ resources: [resource("old")], pendingOperations: [] });
    const program = `
      import { openStack } from "./engine/state/backend";
      import { openSecrets } from "./engine/state/secrets";
      async function main() {
        const stack = openStack("file://${folder}", "shop", "dev");
        const journal = await stack.openJournal(await openSecrets({ config: "${secrets.salt}" }), stack.lock());
        const type = "t", custom = false;
        const done = { urn: "urn:pulumi:dev::shop::t::done", custom, type };
        journal.put(done, undefined, journal.begin("creating", done));
        journal.begin("creating", { urn: "urn:pulumi:dev::shop::t::half", custom, type });
        process.kill(process.pid, "SIGKILL");
      }
      void main();`;
    const file = path.join(folder, "killed.ts");
    fs.writeFileSync(file, program.replaceAll('"./', `"${process.cwd()}/`));
    const child = spawn(process.execPath, ["--import", "tsx", file], {
      env: { ...process.env, PULUMI_CONFIG_PASSPHRASE: "x" },
      stdio: "inherit",
    });
    assert.deepEqual(await once(child, "exit"), [null, "SIGKILL"]);

    // Its lock is still there, so nothing is folded, but what it did is seen.
    assert.deepEqual(names(stack.snapshot(secrets).resources), ["done", "old"]);
    assert.equal(fs.existsSync(journalFile), true);
    stack.lock().release();
    const { resources, pendingOperations } = stack.snapshot(secrets);
    assert.equal(fs.existsSync(journalFile), false);
    assert.deepEqual(names(resources), ["done", "old"]);
    assert.deepEqual(
      pendingOperations.map(({ type, resource }) => [type, ...names([resource])]),
      [["creating", "half"]],
    );
  });

  it("is not added twice when the process dies between writing the state and removing it", async () => {
    await interrupted([resource("a")], (journal) => journal.put(resource("b")));
    const journal = fs.readFileSync(journalFile, "latin1");
    stack.snapshot(secrets);
    const folded = fs.readFileSync(stateFile);
    // Killed before the state was renamed, with half a line of the fold's own; killed after it.
    for (const hash of ["", `{"fold":"${"0".repeat(64)}"}\n`, '{"fold":"12']) {
      fs.copyFileSync(`${stateFile}.bak`, stateFile);
      fs.writeFileSync(journalFile, journal + hash);
      assert.deepEqual(names(stack.snapshot(secrets).resources), ["b", "a"]);
    }
    // A fold that fails leaves a journal of whole lines.
    fs.writeFileSync(journalFile, `${journal}{"fold":"12`);
    fs.copyFileSync(`${stateFile}.bak`, stateFile);
    fs.rmSync(`${stateFile}.bak`);
    fs.mkdirSync(`${stateFile}.bak`);
    assert.throws(() => stack.snapshot(secrets), /dev\.json\.bak/);
    assert.equal(fs.readFileSync(journalFile, "latin1"), journal);
    fs.rmdirSync(`${stateFile}.bak`);
    fs.writeFileSync(stateFile, folded);
    fs.writeFileSync(
      journalFile,
      `${journal}{"fold":"${createHash("sha256").update(folded).digest("hex")}"}\n`,
    );
    assert.deepEqual(names(stack.snapshot(secrets).resources), ["b", "a"]);
    assert.deepEqual(fs.readFileSync(stateFile), folded);
    assert.equal(fs.existsSync(journalFile), false);
  });

  it("is kept, and the state with it, when another program has written the state since", async () => {
    await interrupted([resource("a")], (journal) => journal.put(resource("b")));
    const other = fs.readFileSync(stateFile, "utf8") + "\n";
    fs.writeFileSync(stateFile, other);
    assert.throws(
      () => stack.snapshot(secrets),
      /dev\.json: it was written by another program since an update of this one was interrupted, so that the 1 steps in .*\.journal\.jsonl cannot be added; move that journal away[\s\S]*Nothing was changed/,
    );
    assert.equal(fs.readFileSync(stateFile, "utf8"), other);
    assert.equal(fs.existsSync(journalFile), true);
  });

  it("that is damaged in the middle is refused by its line, and kept", async () => {
    await interrupted([], (journal) => journal.put(resource("a")));
    fs.appendFileSync(journalFile, '{"what":1}\n');
    assert.throws(() => stack.snapshot(secrets), /dev\.journal\.jsonl: line 3 is not an entry of a journal/);
    assert.equal(fs.existsSync(journalFile), true);
  });

  it("costs a line of its number for a resource that stays the same, and encrypts no unchanged secret again", async () => {
    writeBase({ resources: [resource("a"), resource("b")], pendingOperations: [] });
    const before = fs.readFileSync(stateFile, "utf8");
    const lock = stack.lock();
    const journal = await stack.openJournal(secrets, lock);
    journal.put(structuredClone(at(journal, 1)), at(journal, 1));
    const changed = { ...structuredClone(at(journal, 0)), protect: true };
    journal.put(changed, at(journal, 0));
    const lines = fs.readFileSync(journalFile, "utf8").split("\n");
    assert.equal(lines[1], '{"keep":1}');
    await journal.close();
    lock.release();
    const ciphertexts = (text: string) => text.match(/"ciphertext":"[^"]*"/g)?.sort();
    assert.deepEqual(ciphertexts(fs.readFileSync(stateFile, "utf8")), ciphertexts(before));
    assert.deepEqual(names(stack.snapshot(secrets).resources), ["b", "a"]);
  });

  it("holds no secret in the clear", async () => {
    await interrupted([], (journal) => {
      journal.begin("creating", resource("a", { inputs: { key: makeSecret({ deep: "hidden" }) } }));
      journal.put(resource("b", { replacementTrigger: makeSecret("hidden") }));
    });
    assert.doesNotMatch(fs.readFileSync(journalFile, "utf8"), /hidden|secret of/);
  });

  it("refuses a resource that is not in the list, and one that is in it twice", async () => {
    await interrupted([resource("a")], (journal) => {
      assert.throws(
        () => journal.drop(resource("a")),
        new Error("urn:pulumi:dev::shop::t::a is not in the state"),
      );
      assert.throws(
        () => journal.put(at(journal, 0)),
        new Error("urn:pulumi:dev::shop::t::a is in the state already"),
      );
    });
  });

  it("takes a resource in its own place with what has changed in it", async () => {
    await interrupted([resource("a")], (journal) => {
      at(journal, 0).protect = true;
      journal.put(at(journal, 0), at(journal, 0));
      assert.deepEqual(names(journal.resources()), ["a"]);
    });
    assert.equal(stack.snapshot(secrets).resources[0]?.protect, true);
  });

  it("applies a new name to what refers to the old one, before and after a kill", async () => {
    const child = resource("child", { parent: resource("old").urn, dependencies: [resource("old").urn] });
    await interrupted([resource("old"), child], (journal) => {
      journal.put(resource("new", { aliases: [resource("old").urn] }), at(journal, 0));
      assert.deepEqual(journal.resources()[1]?.dependencies, [resource("new").urn]);
    });
    const [renamed, moved] = stack.snapshot(secrets).resources;
    assert.deepEqual(
      [renamed?.aliases, moved?.parent, moved?.dependencies],
      [undefined, resource("new").urn, [resource("new").urn]],
    );
  });

  it("writes the state even when it breaks a rule, and says so with the way back", async () => {
    writeBase({ resources: [], pendingOperations: [] });
    const lock = stack.lock();
    const journal = await stack.openJournal(secrets, lock);
    journal.put(resource("a", { dependencies: ["urn:pulumi:dev::shop::t::gone"] }));
    await assert.rejects(
      journal.close(),
      new Error(
        `${stateFile}: snapshot integrity failure; it was already written, but is invalid (backup available at ${stateFile}.bak): ` +
          "resource urn:pulumi:dev::shop::t::a refers to missing dependency urn:pulumi:dev::shop::t::gone",
      ),
    );
    lock.release();
    assert.throws(() => stack.snapshot(secrets), /snapshot integrity failure; refusing to use it/);
    assert.match(await stack.export(false), /missing|gone/);
  });

  it("is not begun without the lock", async () => {
    writeBase({ resources: [], pendingOperations: [] });
    const lock = stack.lock();
    stack.cancel();
    await assert.rejects(
      stack.openJournal(secrets, lock),
      /the lock of stack 'organization\/shop\/dev' was taken away/,
    );
  });

  it("takes nothing more once another process has cancelled the update and taken over", async () => {
    writeBase({ resources: [], pendingOperations: [] });
    const lock = stack.lock();
    const journal = await stack.openJournal(secrets, lock);
    journal.put(resource("a"));
    assert.equal(stack.cancel(), 1);
    const error = new Error(
      "the update of stack 'organization/shop/dev' was cancelled by another process, which has taken over its state",
    );
    assert.throws(() => journal.put(resource("b")), error);
    const next = stack.lock();
    const other = await stack.openJournal(secrets, next);
    await assert.rejects(journal.close(), error);
    await other.close();
    next.release();
    assert.deepEqual(names(stack.snapshot(secrets).resources), ["a"]);
  });

  it("encrypts a state anew whose salt is another than the configuration's", async () => {
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "x";
    writeBase({ resources: [resource("a")], pendingOperations: [] });
    const other = await PassphraseSecrets.create("y");
    const lock = stack.lock();
    const journal = await stack.openJournal(other, lock);
    await journal.close();
    lock.release();
    assert.equal(stack.salt(), other.salt);
    assert.deepEqual(stack.snapshot(other).resources, [resource("a")]);
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
  });
});

describe("parseJournal", () => {
  it("takes a journal without a whole header for none", () => {
    assert.equal(parseJournal(""), undefined);
    assert.equal(parseJournal('{"journal":1,"ba'), undefined);
  });
});
