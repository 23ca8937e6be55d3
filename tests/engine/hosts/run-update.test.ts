import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DeploymentResult } from "../../../engine/deploy/context";
import { destroy } from "../../../engine/deploy/destroy";
import { MemoryJournal } from "../../../engine/deploy/memory-journal";
import { runUpdate, runWithoutProgram } from "../../../engine/hosts/run-update";
import type { UpdateOptions } from "../../../engine/hosts/run-update";
import type { EngineEvent, ResourceState } from "../../../engine/model";
import { EventLog, fixture, readLines, temporaryDirectory } from "./support";

interface Run {
  result: DeploymentResult;
  log: EventLog;
  state: ResourceState[];
  /** Method and name of what the plugin was asked. */
  asked: string[];
}

interface Change {
  program?: string;
  config?: Record<string, string>;
  base?: readonly ResourceState[];
  dryRun?: boolean;
  packs?: string[];
  signal?: AbortSignal;
  onEvent?: (event: EngineEvent) => void;
}

describe("engine/hosts/run-update", function () {
  this.timeout(240_000);
  const directory = temporaryDirectory();

  async function run(
    change: Change,
    go: (options: UpdateOptions) => Promise<DeploymentResult> = runUpdate,
  ): Promise<Run> {
    const recording = join(directory.path, "requests.jsonl");
    rmSync(recording, { force: true });
    process.env["RECORDER_LOG"] = recording;
    const log = new EventLog();
    const journal = new MemoryJournal(change.base ?? []);
    const result = await go({
      project: {
        root: fixture(change.program ?? "program-plain"),
        runtime: { name: "nodejs", options: { typescript: false } },
        providers: [{ name: "tst", path: fixture("plugin-recorder") }],
      },
      packs: (change.packs ?? []).map((pack) => ({ path: fixture(pack) })),
      builtin: {},
      journal: Promise.resolve(journal),
      context: {
        organization: "organization",
        project: "p",
        stack: "s",
        config: new Map(Object.entries(change.config ?? {})),
        configSecretKeys: new Set(),
        events: (event) => {
          log.sink(event);
          change.onEvent?.(event);
        },
        signal: change.signal ?? new AbortController().signal,
        options: {
          dryRun: change.dryRun ?? false,
          parallel: 4,
          targets: [],
          targetDependents: false,
          replaceTargets: [],
          refresh: false,
        },
        readStackOutputs: async () => ({}),
      },
    }).finally(() => delete process.env["RECORDER_LOG"]);
    const requests = existsSync(recording) ? readLines(recording) : [];
    return {
      result,
      log,
      state: journal.resources(),
      asked: requests.map(({ method, name }) => [method, name].filter(Boolean).join(" ")),
    };
  }
  const things = (of: object): Record<string, string> => ({ "p:things": JSON.stringify(of) });

  it("creates, leaves alone, changes, replaces and deletes, asking the plugin what the CLI asks it", async () => {
    const first = await run({ config: things({ a: { size: 1, shape: "round" }, b: { size: 2 } }) });
    assert.deepEqual([first.result.result, first.result.changes], ["succeeded", { create: 3 }]);
    const loaded = ["handshake", "checkConfig default"];
    assert.deepEqual(first.asked, [
      ...loaded,
      "configure default",
      "check a",
      "create a",
      "check b",
      "create b",
      "cancel",
    ]);

    const second = await run({
      config: things({ a: { size: 1, shape: "round" }, b: { size: 2 } }),
      base: first.state,
    });
    assert.deepEqual([second.result.result, second.result.changes], ["succeeded", { same: 3 }]);
    const known = [...loaded, "diffConfig default", "configure default"];
    assert.deepEqual(second.asked, [...known, "check a", "diff a", "check b", "diff b", "cancel"]);

    const third = await run({
      config: things({ a: { size: 3, shape: "square" }, c: {} }),
      base: second.state,
    });
    assert.deepEqual(
      [third.result.result, third.result.changes],
      ["succeeded", { same: 1, replace: 1, create: 1, delete: 1 }],
    );
    const replaced = ["check a", "diff a", "check a", "create a", "check c", "create c"];
    assert.deepEqual(third.asked.slice(0, 10), [...known, ...replaced]);
    assert.deepEqual(third.asked.slice(10).sort(), ["cancel", "delete a", "delete b"]);

    const gone = await run({ base: third.state }, (options) => runWithoutProgram(options, destroy));
    assert.deepEqual([gone.result.result, gone.state], ["succeeded", []]);
  });

  it("asks the packs about every resource and the stack", async () => {
    const { result, state, log } = await run({ packs: ["pack-rules"], config: things({ a: { size: 1 } }) });
    assert.equal(result.result, "succeeded");
    assert.deepEqual(state.at(-1)?.inputs, { size: 1, stamped: true });
    const violations = log.events.flatMap((event) =>
      event.kind === "policy-violation" ? [event.diagnostic.message] : [],
    );
    assert.deepEqual(violations, ["Few things in a stack.\n1 things, which depend on none"]);

    const refused = await run({ packs: ["pack-rules"], config: things({ a: { size: 11 } }) });
    assert.equal(refused.result.result, "failed");
    assert.deepEqual(
      refused.asked.filter((request) => request.startsWith("create")),
      [],
    );
  });

  it("touches nothing when a pack cannot be loaded", async () => {
    await assert.rejects(run({ packs: ["pack-faulty"] }), /pack-faulty ended before it served/);
  });

  it("touches nothing when the journal cannot be opened", async () => {
    const log = new EventLog();
    const change = { program: "program-faults", config: { "p:fault": "print" }, onEvent: log.sink };
    const journal = Promise.reject(new Error("incorrect passphrase"));
    const refused = run(change, (options) => runUpdate({ ...options, journal }));
    await assert.rejects(refused, new Error("incorrect passphrase"));
    assert.deepEqual(log.events, []);
  });

  it("touches nothing when the program cannot be run", async () => {
    const broken = run({ packs: ["pack-rules"] }, (options) =>
      runUpdate({ ...options, project: { ...options.project, main: "absent" } }),
    );
    await assert.rejects(broken, /main of Pulumi\.yaml is "absent"/);
  });

  it("deletes nothing when the program ends badly", async () => {
    const { state } = await run({ config: things({ a: {} }) });
    for (const fault of ["exit", "throw"]) {
      const { result, state: after } = await run({
        program: "program-faults",
        config: { "p:fault": fault },
        base: state,
      });
      assert.equal(result.result, "failed", fault);
      assert.ok(
        after.some(({ urn }) => urn.endsWith("::a")),
        fault,
      );
    }
  });

  it("tells the provider's error once, and ends the program", async () => {
    const { result, log } = await run({ config: things({ a: { fault: "plain" }, b: {} }) });
    assert.equal(result.result, "failed");
    assert.deepEqual(log.diagnostics, ["error: the name is taken", "error: update failed"]);
  });

  it("ends a program that has other things to do when the deployment has failed", async () => {
    const { result, log } = await run({
      program: "program-faults",
      config: { "p:fault": "lingers" },
      packs: ["pack-dying"],
    });
    assert.equal(result.result, "failed");
    assert.match(log.diagnostics.join("\n"), /ended when asked to remediate/);
    assert.doesNotMatch(log.diagnostics.join("\n"), /unhandled error/);
  });

  it("asks the provider to cancel what it does when the user interrupts, and ends all", async () => {
    const abort = new AbortController();
    const { result, log, asked } = await run({
      config: things({ a: { fault: "wait" } }),
      signal: abort.signal,
      onEvent: (event) => {
        if (event.kind === "resource-pre" && event.step.type === "tst:index:Thing")
          setImmediate(() => abort.abort());
      },
    });
    // The step that was under way failed, and that outweighs that somebody gave up.
    assert.equal(result.result, "failed");
    assert.deepEqual(asked.slice(-3), ["create a", "cancel", "cancel"]);
    assert.deepEqual(log.diagnostics, ["error: was cancelled", "error: update failed"]);
  });
});
