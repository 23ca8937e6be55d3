import assert from "node:assert/strict";
import type { Value } from "../../../engine/values";
import { UNKNOWN } from "../../../engine/values";
import type { Program, ResourceOptions } from "./harness";
import { FakeCloud } from "./fake-cloud";
import { fault, find, gate, listed, preview, up, urn } from "./harness";

/** a, which b uses by a property that it cannot change in place, c by one that it can, and d without one. */
const family = (fixed: number, options: ResourceOptions = {}, inputs: Record<string, Value> = {}) => {
  return async (program: Program): Promise<void> => {
    const a = await program.resource("a", { fixed, ...inputs }, options);
    const b = await program.resource("b", { fixedA: a });
    await program.resource("c", { a });
    await program.resource("d", {}, { dependsOn: [a] });
    await program.resource("e", { fixedB: b });
  };
};

describe("replacement", () => {
  it("creates first, and deletes at the end, dependents first", async () => {
    const first = await up(family(1));
    const { cloud } = first;
    const { steps, changes, state } = await up(family(2), { base: first.state, cloud });
    assert.deepEqual(steps, [
      "create-replacement a",
      "replace a",
      "create-replacement b",
      "replace b",
      "update c",
      "same d",
      "create-replacement e",
      "replace e",
      "delete-replaced e",
      "delete-replaced b",
      "delete-replaced a",
    ]);
    assert.deepEqual(changes, { replace: 3, update: 1, same: 1 });
    assert.deepEqual(listed(state), ["a a-6", "b b-7", "c c-3", "d d-4", "e e-8"]);
    assert.equal(fault(state), undefined);
  });

  it("tells why", async () => {
    const first = await up(family(1));
    const { events } = await up(family(2), { base: first.state, cloud: first.cloud });
    const replaced = events.find((event) => event.kind === "resource-pre" && event.step.op === "replace");
    assert.ok(replaced?.kind === "resource-pre");
    const { keys, diffs, logical, old, new: state } = replaced.step;
    assert.deepEqual({ keys, diffs, logical }, { keys: ["fixed"], diffs: ["fixed"], logical: true });
    assert.deepEqual([old?.id, state?.id], ["a-1", "a-6"]);
  });

  it("checks the program's inputs again, as those of a new resource: what was ignored no longer is", async () => {
    const program = (fixed: number, x: number) => (p: Program) =>
      p.resource("a", { fixed, x }, { ignoreChanges: ["x"] });
    const { state, cloud } = await up(program(1, 1));
    const kept = await up(program(1, 2), { base: state, cloud });
    assert.deepEqual(find(kept.state, "a").inputs, { fixed: 1, x: 1 });
    const replaced = await up(program(2, 2), { base: kept.state, cloud });
    assert.deepEqual(cloud.received.get("check a"), [{}, { fixed: 2, x: 2 }]);
    assert.deepEqual(find(replaced.state, "a").inputs, { fixed: 2, x: 2 });
  });

  describe("that deletes first", () => {
    it("deletes ahead only those dependents that must be replaced too", async () => {
      const first = await up(family(1));
      const { cloud } = first;
      const { steps, state, changes } = await up(family(2, { deleteBeforeReplace: true }), {
        base: first.state,
        cloud,
      });
      assert.deepEqual(steps, [
        "delete-replaced e",
        "delete-replaced b",
        "delete-replaced a",
        "replace a",
        "create-replacement a",
        "replace b",
        "create-replacement b",
        "update c",
        "same d",
        "replace e",
        "create-replacement e",
      ]);
      assert.deepEqual(changes, { replace: 3, update: 1, same: 1 });
      assert.deepEqual(cloud.received.get("diff b"), [{ fixedA: "a-1" }, { fixedA: UNKNOWN }]);
      assert.deepEqual(listed(state), ["a a-6", "b b-7", "c c-3", "d d-4", "e e-8"]);
    });

    it("is the provider's choice, unless the program has one", async () => {
      const program = (fixed: number, options: ResourceOptions) => (p: Program) =>
        p.resource("a", { fixed, dbr: true }, options);
      const { state, cloud } = await up(program(1, {}));
      const first = await up(program(2, {}), { base: state, cloud });
      assert.deepEqual(first.steps, ["delete-replaced a", "replace a", "create-replacement a"]);
      const second = await up(program(3, { deleteBeforeReplace: false }), { base: first.state, cloud });
      assert.deepEqual(second.steps, ["create-replacement a", "replace a", "delete-replaced a"]);
    });

    it("keeps what it has deleted in the state until it is there again, and does not delete it twice", async () => {
      const first = await up(family(1));
      const { cloud } = first;
      cloud.faults.set("create a", () => Promise.reject(new Error("no")));
      const second = await up(family(2, { deleteBeforeReplace: true }), { base: first.state, cloud });
      assert.deepEqual(listed(second.state), [
        "a a-1 pending",
        "b b-2 pending",
        "c c-3",
        "d d-4",
        "e e-5 pending",
      ]);
      assert.equal(fault(second.state), undefined);

      cloud.faults.clear();
      const third = await up(family(2, { deleteBeforeReplace: true }), { base: second.state, cloud });
      assert.deepEqual(third.steps, [
        "replace a",
        "create-replacement a",
        "replace b",
        "create-replacement b",
        "update c",
        "same d",
        "replace e",
        "create-replacement e",
      ]);
      assert.deepEqual(
        cloud.changes().filter((call) => call.startsWith("delete")),
        ["delete e-5", "delete b-2", "delete a-1"],
      );
    });

    it("deletes once what depends on two resources that go at the same time", async () => {
      const program = (fixed: number) => async (p: Program) => {
        const roots = ["a", "b"].map((name) => p.resource(name, { fixed }, { deleteBeforeReplace: true }));
        const [a, b] = await Promise.all(roots);
        if (a && b) await p.resource("c", { fixedA: a, fixedB: b });
      };
      const { state, cloud } = await up(program(1));
      const second = await up(program(2), { base: state, cloud });
      assert.equal(second.steps.filter((step) => step === "delete-replaced c").length, 1);
      assert.deepEqual(listed(second.state), ["a a-4", "b b-5", "c c-6"]);
    });

    it("deletes once what an earlier replacement has left", async () => {
      const program = (fixed: number, fixedC: number) => async (p: Program) => {
        const a = await p.resource("a", { fixed }, { deleteBeforeReplace: true });
        await p.resource("c", { fixedA: a, fixed: fixedC });
      };
      const { state, cloud } = await up(program(1, 1));
      cloud.faults.set("delete c-2", () => Promise.reject(new Error("in use")));
      const second = await up(program(1, 2), { base: state, cloud });
      assert.deepEqual(listed(second.state), ["a a-1", "c c-3", "c c-2 delete"]);
      cloud.faults.clear();
      cloud.calls.length = 0;
      const third = await up(program(2, 2), { base: second.state, cloud });
      assert.deepEqual(listed(third.state), ["a a-4", "c c-5"]);
      assert.deepEqual(
        cloud.changes().filter((call) => call.startsWith("delete")),
        ["delete c-2", "delete c-3", "delete a-1"],
      );
    });

    it("starts no step of the chain after a cancellation", async () => {
      const cancel = new AbortController();
      const { state, cloud } = await up(family(1));
      cloud.faults.set("delete a-1", async () => cancel.abort());
      const second = await up(family(2, { deleteBeforeReplace: true }), {
        base: state,
        cloud,
        signal: cancel.signal,
      });
      assert.equal(second.result, "canceled");
      assert.deepEqual(second.steps, ["delete-replaced e", "delete-replaced b", "delete-replaced a"]);
      assert.equal(find(second.state, "a").pendingReplacement, true);
    });

    it("forgets what the program does not register again", async () => {
      const first = await up(family(1));
      const program = async (p: Program): Promise<void> => {
        await p.resource("a", { fixed: 2 }, { deleteBeforeReplace: true });
      };
      const { state, cloud, events } = await up(program, { base: first.state, cloud: first.cloud });
      assert.deepEqual(listed(state), ["a a-6"]);
      const gone = events.filter(
        (event) => event.kind === "resource-pre" && event.step.op === "remove-pending-replace",
      );
      assert.equal(gone.length, 2);
      assert.deepEqual([...cloud.world.keys()], ["a-6"]);
    });

    it("does not create again before the old one is gone, also when it no longer depends on what is replaced", async () => {
      const program = (fixed: number, uses: boolean) => async (p: Program) => {
        const a = p.resource("a", { fixed }, { deleteBeforeReplace: true });
        await Promise.all([a, uses ? a.then((used) => p.resource("b", { fixedA: used })) : p.resource("b")]);
      };
      const { state, cloud } = await up(program(1, true));
      const deleted = gate();
      cloud.faults.set("delete b-2", () => deleted.opened);
      cloud.faults.set("check b", async () => void setImmediate(deleted.open));
      const second = await up(program(2, false), { base: state, cloud });
      assert.deepEqual(cloud.changes().slice(2), ["delete b-2", "create b", "delete a-1", "create a"]);
      assert.equal(fault(second.state), undefined);
      assert.deepEqual(listed(second.state).sort(), ["a a-4", "b b-3"].sort());
    });
  });

  it("is refused for a protected resource; a preview goes on", async () => {
    const program = (fixed: number) => async (p: Program) => {
      await p.resource("a", { fixed }, { protect: true });
      await p.resource("z");
    };
    const first = await up(program(1));
    const refused = await up(program(2), { base: first.state, cloud: first.cloud });
    assert.match(
      refused.errors[0] ?? "",
      /^unable to replace resource "urn:.*::a"\nas it is currently marked for protection/,
    );
    assert.deepEqual(refused.steps, []);
    const shown = await preview(program(2), { base: first.state, cloud: first.cloud });
    assert.equal(shown.result, "failed");
    assert.deepEqual(shown.steps, ["create-replacement a", "replace a", "same z", "delete-replaced a"]);
    const unprotected = await up((p) => p.resource("a", { fixed: 2 }), {
      base: first.state,
      cloud: first.cloud,
    });
    assert.equal(unprotected.result, "succeeded");
  });

  it("ahead is refused when a dependent is protected", async () => {
    const program = (fixed: number) => async (p: Program) => {
      const a = await p.resource("a", { fixed }, { deleteBeforeReplace: true });
      await p.resource("b", { fixedA: a }, { protect: true });
    };
    const first = await up(program(1));
    const { errors, cloud } = await up(program(2), { base: first.state, cloud: first.cloud });
    assert.match(errors[0] ?? "", /^unable to replace resource "urn:.*::b" as part of replacing "urn:.*::a"/);
    assert.equal(cloud.world.size, 2);
  });

  it("comes of a change below replaceOnChanges", async () => {
    const program = (inputs: Record<string, Value>) => (p: Program) =>
      p.resource("a", inputs, { replaceOnChanges: ["rules[*].port", "tag"] });
    const { state, cloud } = await up(program({ x: 1, tag: "old" }));
    const updated = await up(program({ x: 2, tag: "old" }), { base: state, cloud });
    assert.deepEqual(updated.steps, ["update a"]);
    const replaced = await up(program({ x: 2, tag: "new" }), { base: updated.state, cloud });
    assert.deepEqual(replaced.steps.slice(0, 2), ["create-replacement a", "replace a"]);
  });

  it("comes of the resource's not having become ready when replaceOnChanges names that", async () => {
    const program = (p: Program) => p.resource("a", { x: 1 }, { replaceOnChanges: ["#initerror"] });
    const cloud = new FakeCloud();
    cloud.unready.add("create a");
    const first = await up(program, { cloud });
    cloud.unready.clear();
    const second = await up(program, { base: first.state, cloud });
    assert.deepEqual(second.steps, ["create-replacement a", "replace a", "delete-replaced a"]);
  });

  it("comes of a changed replacementTrigger, and not of a new one", async () => {
    const program = (trigger?: Value) => (p: Program) =>
      p.resource("a", { x: 1 }, trigger === undefined ? {} : { replacementTrigger: trigger });
    const { state, cloud } = await up(program());
    const added = await up(program({ v: 1 }), { base: state, cloud });
    assert.deepEqual(added.steps, ["same a"]);
    const same = await up(program({ v: 1 }), { base: added.state, cloud });
    assert.deepEqual(same.steps, ["same a"]);
    const changed = await up(program({ v: 2 }), { base: same.state, cloud });
    assert.deepEqual(changed.steps.slice(0, 2), ["create-replacement a", "replace a"]);
    const unknown = await preview(program(UNKNOWN), { base: changed.state, cloud });
    assert.deepEqual(unknown.steps.slice(0, 2), ["create-replacement a", "replace a"]);
  });

  it("of one resource replaces those that are to be replaced or deleted with it", async () => {
    const program = (fixed: number) => async (p: Program) => {
      const a = await p.resource("a", { fixed });
      await p.resource("b", { x: 1 }, { replaceWith: [a.urn], dependsOn: [a] });
      await p.resource("c", { x: 1 }, { deletedWith: a.urn, dependsOn: [a] });
    };
    const { state, cloud } = await up(program(1));
    const second = await up(program(2), { base: state, cloud });
    assert.deepEqual(second.changes, { replace: 3 });
    // c goes with a: its provider is not asked to delete it.
    assert.deepEqual(
      cloud.changes().filter((call) => call.startsWith("delete")),
      ["delete b-2", "delete a-1"],
    );
    const ahead = (fixed: number) => async (p: Program) => {
      const a = await p.resource("a", { fixed }, { deleteBeforeReplace: true });
      await p.resource("b", { x: 1 }, { replaceWith: [a.urn], dependsOn: [a] });
    };
    const third = await up(ahead(3), { base: second.state, cloud });
    assert.deepEqual(third.steps.slice(0, 3), [
      "delete-replaced c",
      "delete-replaced b",
      "delete-replaced a",
    ]);
    assert.deepEqual(listed(third.state), ["a a-7", "b b-8"]);
  });

  it("can be asked for by URN, whatever the diff says", async () => {
    const program = async (p: Program): Promise<void> => {
      const a = await p.resource("a", { x: 1 });
      await p.resource("b", { a });
    };
    const { state, cloud } = await up(program);
    const second = await up(program, { base: state, cloud, options: { replaceTargets: [urn("a")] } });
    assert.deepEqual(second.steps, ["create-replacement a", "replace a", "update b", "delete-replaced a"]);
    const unknown = await up(program, { base: state, cloud, options: { replaceTargets: [urn("nobody")] } });
    assert.deepEqual(unknown.errors, [
      "Target 'urn:pulumi:dev::proj::fake:index:R::nobody' could not be found in the stack. Did you forget to escape $ in your shell?",
      "update failed",
    ]);
  });

  it("is done for a resource marked for it in the state", async () => {
    const program = (p: Program) => p.resource("a", { x: 1 });
    const { state, cloud } = await up(program);
    const base = state.map((resource) => (resource.id === "a-1" ? { ...resource, taint: true } : resource));
    const second = await up(program, { base, cloud });
    assert.deepEqual(second.steps, ["create-replacement a", "replace a", "delete-replaced a"]);
    assert.equal(find(second.state, "a").taint, undefined);
  });

  it("between component and custom resource is one too", async () => {
    const { state, cloud } = await up((p) => p.resource("a", {}, { type: "fake:index:X", custom: false }));
    const second = await up((p) => p.resource("a", {}, { type: "fake:index:X" }), { base: state, cloud });
    assert.deepEqual(second.steps, ["create-replacement a", "replace a", "delete-replaced a"]);
    assert.deepEqual(listed(second.state), ["a a-1"]);
  });
});
