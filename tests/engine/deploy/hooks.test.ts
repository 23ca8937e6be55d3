import assert from "node:assert/strict";
import type { HookCall } from "../../../engine/deploy/context";
import type { Value } from "../../../engine/values";
import type { Program } from "./harness";
import { COMPONENT, down, find, listed, up, urn } from "./harness";

const HOOKS = Object.fromEntries(
  ["BeforeCreate", "AfterCreate", "BeforeUpdate", "AfterUpdate", "BeforeDelete", "AfterDelete"].map(
    (point) => [point, [point]],
  ),
);

describe("hooks", () => {
  const program = (inputs: Record<string, Value>) => (p: Program) =>
    p.resource("a", inputs, { hooks: HOOKS });

  it("are called around create, update and delete, with what is and what was", async () => {
    const calls: [string, HookCall][] = [];
    const hooks = async (name: string, call: HookCall): Promise<void> => void calls.push([name, call]);
    const first = await up(program({ x: 1 }), { hooks });
    const second = await up(program({ x: 2 }), { hooks, base: first.state, cloud: first.cloud });
    assert.deepEqual(find(second.state, "a").resourceHooks, HOOKS);
    await down({ hooks, base: second.state, cloud: first.cloud });

    const about = { urn: urn("a"), type: "fake:index:R", name: "a" };
    const known = { ...about, id: "a-1" };
    const made = { made: "a" };
    assert.deepEqual(calls, [
      ["BeforeCreate", { ...about, id: "", newInputs: { x: 1 } }],
      ["AfterCreate", { ...known, newInputs: { x: 1 }, newOutputs: { x: 1, ...made } }],
      ["BeforeUpdate", { ...known, newInputs: { x: 2 }, oldInputs: { x: 1 }, oldOutputs: { x: 1, ...made } }],
      [
        "AfterUpdate",
        {
          ...known,
          newInputs: { x: 2 },
          oldInputs: { x: 1 },
          newOutputs: { x: 2, ...made },
          oldOutputs: { x: 1, ...made },
        },
      ],
      ["BeforeDelete", { ...known, oldInputs: { x: 2 }, oldOutputs: { x: 2, ...made } }],
      ["AfterDelete", { ...known, oldInputs: { x: 2 }, oldOutputs: { x: 2, ...made } }],
    ]);
  });

  it("that fail before forbid the step", async () => {
    const { errors, cloud, state } = await up(program({ x: 1 }), {
      hooks: (name) => Promise.reject(new Error(`${name} says no`)),
    });
    assert.equal(errors[0], `before hook "BeforeCreate" failed: BeforeCreate says no`);
    assert.deepEqual([cloud.changes(), listed(state)], [[], []]);
  });

  it("that fail after stop the deployment, and what was done is saved", async () => {
    const { errors, state } = await up(
      async (p) => {
        await program({ x: 1 })(p);
        await p.resource("late");
      },
      { hooks: async (name) => assert.notEqual(name, "AfterCreate", "too late") },
    );
    assert.deepEqual(errors, [`after hook "AfterCreate" failed: too late`, "update failed"]);
    assert.deepEqual(listed(state), ["a a-1"]);
  });

  it("of a component run after its outputs are registered", async () => {
    const calls: unknown[] = [];
    await up(
      async (p) => {
        const c = await p.resource("c", {}, { type: COMPONENT, custom: false, hooks: HOOKS });
        calls.push("registered");
        await p.outputs(c, { done: true });
      },
      { hooks: async (name, { newOutputs }) => void calls.push(name, newOutputs) },
    );
    assert.deepEqual(calls, ["BeforeCreate", undefined, "registered", "AfterCreate", { done: true }]);
  });

  it("of a delete without the program that has them are an error", async () => {
    const first = await up(program({ x: 1 }), { hooks: async () => {} });
    const { errors, state } = await down({ base: first.state, cloud: first.cloud });
    assert.equal(errors[0], `before hook "BeforeDelete" failed: no hook was registered`);
    assert.deepEqual(listed(state), ["a a-1"]);
  });
});
