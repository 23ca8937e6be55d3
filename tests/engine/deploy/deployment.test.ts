import assert from "node:assert/strict";
import type { Program } from "./harness";
import { FakeCloud } from "./fake-cloud";
import { COMPONENT, fault, find, listed, STACK_URN, up, urn } from "./harness";

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

  it("warns of operations that an earlier run began and did not finish", async () => {
    const resource = { urn: urn("x"), custom: true, type: "fake:index:R" };
    const { warnings } = await up(async () => {}, { pending: [{ resource, type: "creating" }] });
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? "",
      /with 1 pending operations from previous deployment.\n {2}\* urn:pulumi:dev::proj::fake:index:R::x, interrupted while creating\n/,
    );
  });
});
