import assert from "node:assert/strict";
import { makeSecret } from "../../../engine/values";
import type { HookRunner } from "../../../engine/deploy/context";
import type { Monitor } from "../../../engine/hosts/monitor";
import { EventLog, Recorder, startFixture } from "./support";

const CHILD = "urn:pulumi:s::p::tst:index:Thing::child";

describe("engine/hosts/transforms and hooks", function () {
  this.timeout(240_000);
  const log = new EventLog();
  let monitor: Monitor;
  let dryRunFailure: unknown;
  const failures: string[] = [];

  const recorder = new Recorder(async (goal) => {
    if (goal.name !== "child") return {};
    const call = { urn: CHILD, id: "i", name: "child", type: goal.type, newInputs: goal.inputs };
    for (const name of ["told", "failing", "forgiven", "absent"]) {
      await monitor.hooks.run(name, call).catch((error: Error) => failures.push(error.message));
    }
    return {};
  });

  before(async () => {
    const started = await startFixture("program-callbacks", recorder, log);
    monitor = started.monitor;
    dryRunFailure = await started.program.ended;
    monitor.close();
  });

  it("runs a resource's own transforms, then its parents', then the stack's", () => {
    assert.equal(dryRunFailure, undefined);
    const child = recorder.goal("child");
    assert.deepEqual(child?.inputs, {
      list: ["made dependency"],
      secret: makeSecret("s"),
      seen: ["own", "parent", "stack"],
      uses: "made dependency",
    });
    assert.deepEqual(recorder.goal("dependency")?.inputs, { seen: ["stack"], size: 1 });
    assert.deepEqual(recorder.goal("group")?.inputs, { seen: ["parent"] });
  });

  it("takes options from a transform, and keeps the dependencies that it leaves", () => {
    const child = recorder.goal("child");
    assert.equal(child?.protect, true);
    assert.deepEqual(child?.dependencies, ["urn:pulumi:s::p::tst:index:Thing::dependency"]);
    assert.deepEqual(child?.hooks, { AfterCreate: ["told"], BeforeDelete: ["failing", "forgiven"] });
  });

  it("tells a resource's own transforms what each property depends on, to leave as it is", () => {
    const dependency = "urn:pulumi:s::p::tst:index:Thing::dependency";
    const untouched = recorder.goal("untouched");
    assert.deepEqual(untouched?.inputs, { uses: "made dependency", plain: 1 });
    assert.deepEqual(untouched?.propertyDependencies, { uses: [dependency], plain: [] });
    assert.deepEqual(untouched?.dependencies, [dependency]);
  });

  it("transforms what is invoked", () => {
    assert.deepEqual(recorder.invokes, [
      { token: "tst:index:find", args: { what: "it", added: true }, version: "", pluginDownloadURL: "" },
    ]);
  });

  it("calls hooks in the program with what the engine knows", () => {
    assert.match(log.diagnostics.join(""), /info: hook child \{"list":\["made dependency"\],/);
  });

  it("passes on the error of a hook, warns of one that asks to ignore it, and knows only registered hooks", () => {
    assert.deepEqual(failures, [
      'resource hook "failing" failed: the hook is unwell',
      'the program registered no resource hook named "absent"',
    ]);
    const warnings = log.events.filter(
      (event) => event.kind === "diagnostic" && event.severity === "warning",
    );
    assert.deepEqual(warnings.at(-1), {
      kind: "diagnostic",
      severity: "warning",
      message: 'resource hook "forgiven" failed: never mind',
      urn: CHILD,
    });
  });
});

describe("engine/hosts/transforms, when one throws", function () {
  this.timeout(240_000);
  it("fails the deployment with what it threw", async () => {
    const recorder = new Recorder();
    const config = new Map([["p:throw", "true"]]);
    const { program, monitor } = await startFixture("program-callbacks", recorder, new EventLog(), {
      config,
    });
    const failure = await recorder.failed;
    assert.equal(
      failure,
      "failed to register faulty [tst:index:Thing]: transform failed: Error: the transform is unwell",
    );
    // The SDK may wait for its own callback server for ever.
    await program.stop();
    monitor.close();
    assert.deepEqual([recorder.goal("faulty"), recorder.failures], [undefined, [failure]]);
  });

  it("runs no hook in a preview unless it asks for that", async () => {
    const log = new EventLog();
    const hooks: { runner?: HookRunner } = {};
    const recorder = new Recorder(async (goal) => {
      const call = { urn: CHILD, id: "", name: "child", type: goal.type };
      for (const name of goal.name === "child" ? ["told", "failing", "forgiven"] : [])
        await hooks.runner?.run(name, call);
      return {};
    });
    const started = await startFixture("program-callbacks", recorder, log, { dryRun: true });
    hooks.runner = started.monitor.hooks;
    assert.equal(await started.program.ended, undefined);
    started.monitor.close();
    assert.doesNotMatch(log.diagnostics.join("\n"), /hook child|unwell/);
    assert.match(log.diagnostics.join("\n"), /resource hook "forgiven" failed/);
  });
});
