import assert from "node:assert/strict";
import { UNKNOWN } from "../../../engine/values";
import type { Program } from "./harness";
import {
  COMPONENT,
  down,
  fault,
  FakeCloud,
  find,
  gate,
  listed,
  preview,
  STACK_URN,
  up,
  urn,
} from "./harness";

describe("deployment", () => {
  const chain = async (program: Program): Promise<void> => {
    const stack = await program.stack();
    const a = await program.resource("a", { x: 1 }, { parent: stack.urn });
    const b = await program.resource("b", { a }, { parent: stack.urn });
    await program.resource("c", { b }, { parent: stack.urn });
    await program.outputs(stack, { a: a.id });
  };

  it("creates what a program registers, its default provider first", async () => {
    const { result, steps, changes, state, cloud } = await up(chain);
    assert.equal(result, "succeeded");
    assert.deepEqual(steps, ["create proj-dev", "create a", "create b", "create c"]);
    assert.deepEqual(changes, { create: 4 });
    assert.deepEqual(listed(state), ["proj-dev", "a a-1", "b b-2", "c c-3"]);
    assert.equal(fault(state), undefined);
    assert.deepEqual(cloud.calls.slice(0, 2), ["checkConfig default", "configure default"]);
    const { created, modified, ...b } = find(state, "b");
    assert.match(`${created} ${modified}`, /^\d{4}-\d\d-\d\dT[\d:.]+Z \d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const provider = find(state, "default");
    assert.deepEqual(b, {
      urn: "urn:pulumi:dev::proj::fake:index:R::b",
      custom: true,
      id: "b-2",
      type: "fake:index:R",
      inputs: { a: "a-1" },
      outputs: { a: "a-1", made: "b" },
      parent: STACK_URN,
      dependencies: [urn("a")],
      provider: `${provider.urn}::${provider.id}`,
      propertyDependencies: { a: [urn("a")] },
    });
  });

  it("does nothing when nothing has changed", async () => {
    const first = await up(chain);
    const cloud = new FakeCloud();
    const { steps, changes, state } = await up(chain, { base: first.state, cloud });
    assert.deepEqual(steps, ["same proj-dev", "same a", "same b", "same c"]);
    assert.deepEqual(changes, { same: 4 });
    assert.deepEqual(cloud.changes(), []);
    assert.deepEqual(state, first.state);
  });

  it("tells each step twice, before and after, and sums up", async () => {
    const { events } = await up((program) => program.resource("a", { x: 1 }));
    assert.deepEqual(
      events.map((event) =>
        "step" in event ? `${event.kind} ${event.step.op} ${event.step.internal}` : event.kind,
      ),
      [
        "resource-pre create true",
        "resource-outputs create true",
        "resource-pre create false",
        "resource-outputs create false",
        "summary",
      ],
    );
    const last = events.at(-1);
    assert.ok(last?.kind === "summary");
    const { durationMs, ...summary } = last;
    assert.ok(durationMs >= 0);
    assert.deepEqual(summary, {
      kind: "summary",
      preview: false,
      changes: { create: 1 },
      policyPacks: {},
      result: "succeeded",
    });
  });

  it("updates in place, and what depends on it not at all", async () => {
    const program = (x: number) => async (p: Program) => {
      const a = await p.resource("a", { x });
      await p.resource("b", { a });
    };
    const first = await up(program(1));
    const { steps, state, cloud } = await up(program(2), { base: first.state, cloud: first.cloud });
    assert.deepEqual(steps, ["update a", "same b"]);
    assert.deepEqual(find(state, "a").inputs, { x: 2 });
    assert.deepEqual(cloud.changes().slice(2), ["update a"]);
    assert.equal(find(state, "a").created, find(first.state, "a").created);
    assert.notEqual(find(state, "a").modified, undefined);
  });

  it("saves new options of a resource that is the same", async () => {
    const first = await up((program) => program.resource("a", { x: 1 }));
    const options = { protect: true, customTimeouts: { delete: 9 }, sourcePosition: "project:///index.ts#1" };
    const second = await up((program) => program.resource("a", { x: 1 }, options), { base: first.state });
    assert.deepEqual(second.steps, ["same a"]);
    const { protect, customTimeouts, sourcePosition, id } = find(second.state, "a");
    assert.deepEqual({ protect, customTimeouts, sourcePosition }, options);
    assert.equal(id, "a-1");
    const third = await up((program) => program.resource("a", { x: 1 }), { base: second.state });
    assert.equal(find(third.state, "a").protect, undefined);
  });

  it("deletes what is no longer registered, dependents first", async () => {
    const first = await up(chain);
    const { steps, changes, state, cloud } = await up((program) => program.stack(), {
      base: first.state,
      cloud: first.cloud,
    });
    assert.deepEqual(steps, ["same proj-dev", "delete c", "delete b", "delete a"]);
    assert.deepEqual(changes, { same: 1, delete: 3 });
    assert.deepEqual(cloud.changes().slice(3), ["delete c-3", "delete b-2", "delete a-1"]);
    assert.deepEqual(
      state.map((resource) => resource.urn),
      [STACK_URN],
    );
  });

  it("takes each property to depend on every dependency when the program says nothing of properties", async () => {
    const { state } = await up(async (program) => {
      const a = await program.resource("a");
      await program.resource("b", {}, { inputs: { x: 1, y: 2 }, propertyDependencies: {}, dependsOn: [a] });
    });
    assert.deepEqual(find(state, "b").propertyDependencies, { x: [urn("a")], y: [urn("a")] });
  });

  it("refuses a URN twice, and a parent that was not registered", async () => {
    const twice = await up(async (program) => {
      await program.resource("a");
      await program.resource("a");
    });
    assert.deepEqual(twice.errors, [
      "Duplicate resource URN 'urn:pulumi:dev::proj::fake:index:R::a'; try giving it a unique name",
      "update failed",
    ]);
    assert.deepEqual(listed(twice.state), ["a a-1"]);
    const orphan = await up((program) => program.resource("a", {}, { parent: urn("p", COMPONENT) }));
    assert.equal(orphan.errors[0], "could not find parent resource urn:pulumi:dev::proj::app:index:C::p");
  });

  it("tells what the provider finds wrong with the inputs, and does nothing", async () => {
    const { errors, cloud, steps } = await up((program) => program.resource("a", { bad: "it is too bad" }));
    assert.equal(
      errors[0],
      `fake:index:R resource 'a': property bad value "it is too bad" has a problem: it is too bad`,
    );
    assert.deepEqual([steps, cloud.changes()], [[], []]);
  });

  describe("components", () => {
    const program = (output: string) => async (p: Program) => {
      const component = await p.component("c");
      await p.outputs(component, { output });
      return component;
    };

    it("answers with no outputs even when it knows old ones, and saves what is registered", async () => {
      const first = await up(program("one"));
      assert.deepEqual(find(first.state, "c").outputs, { output: "one" });
      let answered: unknown;
      const second = await up(
        async (p) => {
          answered = (await program("two")(p)).outputs;
        },
        { base: first.state },
      );
      assert.deepEqual(answered, {});
      assert.deepEqual(second.steps, ["same c"]);
      assert.deepEqual(find(second.state, "c").outputs, { output: "two" });
    });

    it("tells of a component's outputs when they are registered", async () => {
      const { events } = await up(program("one"));
      const told = events.flatMap((event) =>
        event.kind === "resource-outputs" ? [event.step.new?.outputs] : [],
      );
      assert.deepEqual(told, [{ output: "one" }]);
    });

    it("updates one whose inputs have changed", async () => {
      const withInput = (x: number) => (p: Program) =>
        p.resource("c", { x }, { type: COMPONENT, custom: false });
      const first = await up(withInput(1));
      const second = await up(withInput(2), { base: first.state });
      assert.deepEqual(second.steps, ["update c"]);
    });
  });

  describe("the stack's outputs", () => {
    const program = (outputs: Record<string, string>, fails: boolean) => async (p: Program) => {
      const stack = await p.stack();
      await p.outputs(stack, outputs);
      if (fails) await p.resource("a", { bad: "no" });
    };

    it("replace the old ones when the update succeeds", async () => {
      const first = await up(program({ a: "1", b: "2" }, false));
      const second = await up(program({ b: "3" }, false), { base: first.state });
      assert.deepEqual(find(second.state, "proj-dev").outputs, { b: "3" });
      const summary = second.events.at(-1);
      assert.ok(summary?.kind === "summary");
      assert.deepEqual(summary.outputs, { old: { a: "1", b: "2" }, new: { b: "3" } });
    });

    it("are laid over the old ones when it fails", async () => {
      const first = await up(program({ a: "1", b: "2" }, false));
      const second = await up(program({ b: "3" }, true), { base: first.state });
      assert.equal(second.result, "failed");
      assert.deepEqual(find(second.state, "proj-dev").outputs, { a: "1", b: "3" });
    });
  });

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

  describe("parallelism", () => {
    it("runs as many operations at a time as allowed", async () => {
      for (const parallel of [1, 3]) {
        const cloud = new FakeCloud();
        for (let i = 0; i < 6; i++) cloud.faults.set(`create r${i}`, () => new Promise<void>(setImmediate));
        await up((program) => Promise.all([0, 1, 2, 3, 4, 5].map((i) => program.resource(`r${i}`))), {
          cloud,
          options: { parallel },
        });
        assert.equal(cloud.mostRunning, parallel);
      }
    });

    it("deletes after a resource the children of a component that it depends on", async () => {
      const first = await up(async (program) => {
        const c = await program.component("c");
        await program.resource("child", {}, { parent: c.urn });
        await program.resource("user", {}, { dependsOn: [c] });
      });
      const deleted = gate();
      first.cloud.faults.set("delete user-2", () => {
        setImmediate(deleted.open);
        return deleted.opened;
      });
      const { cloud } = first;
      const left: [string, boolean][] = [];
      cloud.onDelete = (id) => left.push([id, cloud.world.has("user-2")]);
      await down({ base: first.state, cloud });
      assert.deepEqual(left, [
        ["user-2", true],
        ["child-1", false],
      ]);
    });

    it("deletes independent resources at the same time", async () => {
      const first = await up((program) => Promise.all(["a", "b", "c"].map((name) => program.resource(name))));
      const both = gate();
      let waiting = 0;
      for (const id of first.cloud.world.keys()) {
        first.cloud.faults.set(`delete ${id}`, () => {
          if (++waiting === 3) both.open();
          return both.opened;
        });
      }
      const { result } = await down({ base: first.state, cloud: first.cloud });
      assert.equal(result, "succeeded");
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

  it("tells the host when it stops before its end, and not after", async () => {
    const stops: string[] = [];
    const watch = (name: string) => async (program: Program) => {
      void program.deployment.stopped.then(() => stops.push(name));
      if (name === "failing") await program.resource("a", { bad: "no" });
    };
    await up(watch("failing"));
    await up(watch("broken program"), { error: "exited" });
    await up(watch("fine"));
    await new Promise(setImmediate);
    assert.deepEqual(stops, ["failing"]);
  });

  it("waits at the end for what was registered, and takes nothing more", async () => {
    const made = gate();
    const cloud = new FakeCloud();
    cloud.faults.set("create a", () => made.opened);
    let late: Promise<unknown> = Promise.resolve();
    const { state, result } = await up(
      async (program) => {
        void program.resource("a");
        setImmediate(() => {
          late = assert.rejects(program.resource("b"), /the deployment has stopped/);
          made.open();
        });
      },
      { cloud },
    );
    await late;
    assert.equal(result, "succeeded");
    assert.deepEqual(listed(state), ["a a-1"]);
  });

  it("warns of operations that an earlier run began and did not finish", async () => {
    const resource = { urn: urn("x"), custom: true, type: "fake:index:R" };
    const { warnings } = await up(async () => {}, { pending: [{ resource, type: "creating" }] });
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? "",
      /with 1 pending operations from previous deployment.\n {2}\* urn:pulumi:dev::proj::fake:index:R::x, interrupted while creating\n/,
    );
  });

  describe("preview", () => {
    it("shows the same steps and touches nothing", async () => {
      const { steps, cloud, changes } = await preview(chain);
      assert.deepEqual(steps, ["create proj-dev", "create a", "create b", "create c"]);
      assert.deepEqual(changes, { create: 4 });
      assert.equal(cloud.world.size, 0);
    });

    it("knows no ID of a new resource, but one of every provider", async () => {
      let ids: string[] = [];
      await preview(async (program) => {
        const provider = await program.resource("p", {}, { type: "pulumi:providers:fake" });
        const a = await program.resource("a", {}, { provider: `${provider.urn}::${provider.id}` });
        ids = [provider.id, a.id];
      });
      assert.deepEqual(ids, [UNKNOWN, ""]);
    });

    it("of a provider that cannot preview takes the inputs to be the outputs, and calls nothing", async () => {
      const cloud = new FakeCloud({ supportsPreview: false });
      let outputs: unknown;
      await preview(
        async (program) => {
          ({ outputs } = await program.resource("a", { x: 1 }));
        },
        { cloud },
      );
      assert.deepEqual([outputs, cloud.changes()], [{ x: 1 }, []]);
    });

    it("asks the one that can", async () => {
      const { cloud } = await preview((program) => program.resource("a", { x: 1 }));
      assert.deepEqual(cloud.received.get("create a"), [{ x: 1 }, 0, true]);
    });

    it("leaves the given state as it was, replacements and all", async () => {
      const program = (fixed: number) => (p: Program) => p.resource("a", { fixed });
      const { state, cloud } = await up(program(1));
      const before = structuredClone(state);
      const { steps } = await preview(program(2), { base: state, cloud });
      assert.deepEqual(steps, ["create-replacement a", "replace a", "delete-replaced a"]);
      assert.deepEqual(state, before);
    });
  });
});
