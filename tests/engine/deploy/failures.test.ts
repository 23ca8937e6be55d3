import assert from "node:assert/strict";
import { FakeCloud } from "./fake-cloud";
import type { Program } from "./harness";
import { down, find, gate, listed, up, urn } from "./harness";

const chain = async (program: Program): Promise<void> => {
  const stack = await program.stack();
  const a = await program.resource("a", { x: 1 }, { parent: stack.urn });
  const b = await program.resource("b", { a }, { parent: stack.urn });
  await program.resource("c", { b }, { parent: stack.urn });
  await program.outputs(stack, { a: a.id });
};

describe("failures", () => {
  it("stop new work; what runs is finished and saved; nothing is deleted", async () => {
    const first = await up((program) => program.resource("old"));
    const { cloud } = first;
    const slow = gate();
    cloud.faults.set("create slow", () => slow.opened);
    cloud.faults.set("create broken", () => {
      setImmediate(slow.open);
      return Promise.reject(new Error("quota exceeded"));
    });
    const second = await up(
      async (program) => {
        const running = program.resource("slow");
        await assert.rejects(program.resource("broken"), /the deployment has stopped/);
        await running;
        await program.resource("late");
      },
      { base: first.state, cloud },
    );
    assert.equal(second.result, "failed");
    assert.deepEqual(second.errors, ["quota exceeded", "update failed"]);
    assert.deepEqual(listed(second.state), ["slow slow-2", "old old-1"]);
    assert.deepEqual(second.journal.outstanding(), []);
    assert.deepEqual(cloud.changes(), ["create old", "create slow", "create broken"]);
    const failed = second.events.find((event) => event.kind === "resource-failed");
    assert.ok(failed?.kind === "resource-failed");
    assert.deepEqual([failed.step.urn, failed.error], [urn("broken"), "quota exceeded"]);
  });

  it("drop steps that wait for a free slot", async () => {
    const cloud = new FakeCloud();
    cloud.faults.set("create a", () => Promise.reject(new Error("no")));
    const { cloud: after, state } = await up(
      (program) => Promise.all([program.resource("a"), program.resource("b"), program.resource("c")]),
      { cloud, options: { parallel: 1 } },
    );
    assert.deepEqual(after.changes(), ["create a"]);
    assert.deepEqual(listed(state), []);
  });

  it("of the program delete nothing", async () => {
    const first = await up((program) => program.resource("a"));
    const second = await up(async () => {}, { base: first.state, error: "Program exited with code 1" });
    assert.equal(second.result, "failed");
    assert.deepEqual(second.errors, ["Program exited with code 1", "update failed"]);
    assert.deepEqual(listed(second.state), ["a a-1"]);
    const told = await up(async () => {}, { base: first.state, error: "" });
    assert.deepEqual(told.errors, ["update failed"]);
  });

  it("of a delete leave what the resource needs", async () => {
    const first = await up(chain);
    first.cloud.faults.set("delete b-2", () => Promise.reject(new Error("in use")));
    const { steps, state, errors } = await down({ base: first.state, cloud: first.cloud });
    assert.deepEqual(errors, ["in use", "update failed"]);
    assert.deepEqual(steps, ["delete c", "delete b"]);
    assert.deepEqual(listed(state), ["proj-dev", "a a-1", "b b-2"]);
  });

  it("while a provider is started are told", async () => {
    const { errors } = await up((program) => program.resource("a", {}, { type: "gone:index:R" }));
    assert.equal(errors[0], "no resource plugin 'gone' found");
  });
});

describe("a resource that does not become ready", () => {
  it("is saved, fails the update and is updated by the next, though nothing has changed", async () => {
    const program = (p: Program) => p.resource("a", { x: 1 });
    const cloud = new FakeCloud();
    cloud.unready.add("create a");
    const first = await up(program, { cloud });
    assert.deepEqual(first.errors, ["create a: not ready", "update failed"]);
    const { id, outputs, initErrors } = find(first.state, "a");
    assert.deepEqual(
      { id, outputs, initErrors },
      { id: "a-1", outputs: { x: 1, made: "a" }, initErrors: ["create a: not ready"] },
    );
    const second = await up(program, { base: first.state, cloud });
    assert.deepEqual(second.steps, ["update a"]);
    assert.equal(find(second.state, "a").initErrors, undefined);
  });

  it("keeps the old inputs with the new outputs when an update is what failed", async () => {
    const program = (x: number) => (p: Program) => p.resource("a", { x });
    const { state, cloud } = await up(program(1));
    cloud.unready.add("update a");
    const second = await up(program(2), { base: state, cloud });
    const { inputs, outputs } = find(second.state, "a");
    assert.deepEqual({ inputs, outputs }, { inputs: { x: 1 }, outputs: { x: 2, made: "a" } });
  });
});

describe("cancellation", () => {
  it("starts nothing new, tells the providers, saves what was running", async () => {
    const cancel = new AbortController();
    const cloud = new FakeCloud();
    cloud.faults.set("create a", async () => cancel.abort());
    const { result, errors, state } = await up(
      async (program) => {
        await program.resource("a");
        await program.resource("b");
      },
      { cloud, signal: cancel.signal },
    );
    assert.equal(result, "canceled");
    assert.deepEqual(errors, ["update canceled"]);
    assert.deepEqual(listed(state), ["a a-1"]);
    assert.equal(cloud.canceled, 1);
  });

  it("is outweighed by a failure", async () => {
    const cancel = new AbortController();
    const cloud = new FakeCloud();
    cloud.faults.set("create a", async () => {
      cancel.abort();
      throw new Error("interrupted");
    });
    const { result, errors } = await up((program) => program.resource("a"), {
      cloud,
      signal: cancel.signal,
    });
    assert.deepEqual([result, errors], ["failed", ["interrupted", "update failed"]]);
  });

  it("before anything began does nothing", async () => {
    const first = await up((program) => program.resource("a"));
    const { result, steps } = await down({ base: first.state, signal: AbortSignal.abort() });
    assert.deepEqual([result, steps], ["canceled", []]);
  });
});
