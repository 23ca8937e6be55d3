import assert from "node:assert/strict";
import type { EngineEvent } from "../../../engine/model";
import type { Program } from "./harness";
import { FakeCloud } from "./fake-cloud";
import { COMPONENT, fault, find, listed, refreshed, up, urn } from "./harness";

const found = (events: EngineEvent[]): string[] =>
  events.flatMap((event) =>
    event.kind === "resource-outputs" && !event.step.internal
      ? [`${event.step.op} ${event.step.urn.split("::").at(-1)}`]
      : [],
  );

describe("refresh", () => {
  const program = async (p: Program): Promise<void> => {
    const c = await p.component("c");
    const a = await p.resource("a", { x: 1 }, { parent: c.urn });
    const b = await p.resource("b", { a }, { parent: a.urn });
    await p.resource("d", { b }, { parent: b.urn, dependsOn: [a], deletedWith: a.urn, replaceWith: [a.urn] });
  };

  it("saves what has drifted, and tells what an update would change back", async () => {
    const { state, cloud } = await up(program);
    cloud.world.set("a-1", { x: 9, y: 1 });
    const { result, changes, events, state: after } = await refreshed({ base: state, cloud });
    assert.equal(result, "succeeded");
    assert.deepEqual(found(events), ["same c", "update a", "same b", "same d"]);
    assert.deepEqual(changes, { same: 3, update: 1 });
    const { inputs, outputs } = find(after, "a");
    assert.deepEqual({ inputs, outputs }, { inputs: { x: 9, y: 1 }, outputs: { x: 9, y: 1, made: "a" } });
    assert.deepEqual(listed(after), listed(state));
    const update = events.find((event) => event.kind === "resource-outputs" && event.step.op === "update");
    assert.ok(update?.kind === "resource-outputs");
    assert.deepEqual(
      [update.step.old?.inputs, update.step.new?.inputs, update.step.diffs],
      [{ x: 1 }, { x: 9, y: 1 }, ["x", "y"]],
    );
    assert.deepEqual(cloud.received.get("diff a"), [{ x: 9, y: 1 }, { x: 1 }]);
  });

  it("forgets what is gone; children go to the grandparent, and nothing refers to it any more", async () => {
    const { state, cloud } = await up(program);
    cloud.world.delete("a-1");
    cloud.world.delete("b-2");
    const { changes, state: after } = await refreshed({ base: state, cloud });
    assert.deepEqual(changes, { same: 2, delete: 2 });
    assert.deepEqual(listed(after), ["c", "d d-3"]);
    assert.equal(fault(after), undefined);
    const { parent, dependencies, propertyDependencies, deletedWith, replaceWith } = find(after, "d");
    assert.deepEqual(
      { parent, dependencies, propertyDependencies, deletedWith, replaceWith },
      {
        parent: urn("c", COMPONENT),
        dependencies: [],
        propertyDependencies: { b: [] },
        deletedWith: undefined,
        replaceWith: [],
      },
    );
  });

  it("of targets reads those only", async () => {
    const { state, cloud } = await up(program);
    cloud.calls.length = 0;
    await refreshed({ base: state, cloud, options: { targets: ["**::a"] } });
    assert.deepEqual(cloud.changes(), ["read a-1"]);
    await refreshed({ base: state, cloud, options: { targets: ["**::a"], targetDependents: true } });
    assert.deepEqual(cloud.changes(), ["read a-1", "read a-1", "read b-2", "read d-3"]);
  });

  it("saves what it could read when something cannot be read, and fails", async () => {
    const { state, cloud } = await up(program);
    cloud.world.set("a-1", { x: 9 });
    cloud.faults.set("read b-2", () => Promise.reject(new Error("forbidden")));
    const { result, errors, state: after } = await refreshed({ base: state, cloud });
    assert.equal(result, "failed");
    assert.deepEqual(errors, ["forbidden", "update failed"]);
    assert.deepEqual(find(after, "a").inputs, { x: 9 });
  });

  it("warns of what is there but not ready, and the next update sees to it", async () => {
    const { state } = await up(program);
    const cloud = new (class extends FakeCloud {
      override async load() {
        const provider = await super.load({ name: "fake" });
        const read = provider.read.bind(provider);
        provider.read = async (...args) => {
          const { id, properties, inputs } = await read(...args);
          this.readied(`read ${args[0].id}`, id, properties, inputs);
          return { id, properties, ...(inputs && { inputs }) };
        };
        return provider;
      }
    })();
    for (const id of ["a-1", "b-2", "d-3"]) cloud.world.set(id, find(state, id.slice(0, 1)).inputs ?? {});
    cloud.unready.add("read a-1");
    const { warnings, result, state: after } = await refreshed({ base: state, cloud });
    assert.equal(result, "succeeded");
    assert.deepEqual(warnings, ["Refreshed resource is in an unhealthy state:\n* read a-1: not ready"]);
    assert.deepEqual(find(after, "a").initErrors, ["read a-1: not ready"]);
    const next = await up(program, { base: after, cloud });
    assert.deepEqual(next.steps, ["same c", "update a", "same b", "same d"]);
  });

  it("reads what is external too, and looks at its outputs only", async () => {
    const cloud = new FakeCloud();
    cloud.world.set("theirs", { x: 1 });
    const { state } = await up((p) => p.read("r", "theirs"), { cloud });
    cloud.world.set("theirs", { x: 2 });
    const { changes, state: after } = await refreshed({ base: state, cloud });
    assert.deepEqual(changes, { update: 1 });
    assert.deepEqual(find(after, "r").outputs, { x: 2, made: "r" });
  });

  it("before an update makes the update start from what is there", async () => {
    const { state, cloud } = await up(program);
    cloud.world.set("a-1", { x: 9 });
    cloud.world.delete("d-3");
    const {
      steps,
      changes,
      state: after,
    } = await up(program, {
      base: state,
      cloud,
      options: { refresh: true },
    });
    assert.deepEqual(
      steps.filter((step) => !step.startsWith("refresh")),
      ["same c", "update a", "same b", "create d"],
    );
    assert.deepEqual(changes, { same: 2, update: 1, create: 1 });
    assert.deepEqual(cloud.world.get("a-1"), { x: 1 });
    assert.equal(fault(after), undefined);
  });

  it("before an update configures no provider twice", async () => {
    const { state } = await up((p) => p.resource("a"));
    const cloud = new FakeCloud();
    cloud.world.set("a-1", {});
    await up((p) => p.resource("a"), { base: state, cloud, options: { refresh: true } });
    assert.equal(cloud.calls.filter((call) => call === "configure default").length, 1);
    assert.deepEqual([cloud.loaded, cloud.closed], [2, 1]);
  });

  it("that is canceled reads nothing more", async () => {
    const { state, cloud } = await up(program);
    const cancel = new AbortController();
    cloud.faults.set("read a-1", async () => cancel.abort());
    const { result, steps } = await refreshed({
      base: state,
      cloud,
      signal: cancel.signal,
      options: { parallel: 1 },
    });
    assert.deepEqual([result, steps], ["canceled", ["refresh c", "refresh a"]]);
  });

  it("tells of the old state in an event that later changes leave alone", async () => {
    const { state, cloud } = await up(program);
    cloud.world.set("a-1", { x: 9 });
    const olds: unknown[] = [];
    await refreshed({
      base: state,
      cloud,
      onEvent: (event) => {
        if (event.kind === "resource-outputs" && event.step.op === "update") olds.push(event.step.old);
      },
    });
    assert.deepEqual(
      olds.map((old) => (old as { inputs: unknown }).inputs),
      [{ x: 1 }],
    );
  });

  it("happens before an update for resources whose provider asks for it", async () => {
    const { state, cloud } = await up(program);
    const base = state.map((resource) =>
      resource.urn === find(state, "a").urn ? { ...resource, refreshBeforeUpdate: true } : resource,
    );
    const { steps } = await up(program, { base, cloud });
    assert.deepEqual(steps, ["refresh a", "same c", "same a", "same b", "same d"]);
  });

  it("that fails before an update stops it", async () => {
    const { state, cloud } = await up(program);
    cloud.faults.set("read a-1", () => Promise.reject(new Error("forbidden")));
    const { result, steps } = await up(program, { base: state, cloud, options: { refresh: true } });
    assert.equal(result, "failed");
    assert.deepEqual(steps, ["refresh c", "refresh a", "refresh b", "refresh d"]);
  });
});
