import assert from "node:assert/strict";
import { deserializeResource, storedResource } from "../../../engine/state/serialize";
import { RESOURCE, SIG, UNKNOWN } from "../../../engine/values";
import type { Program } from "./harness";
import { COMPONENT, find, up, urn } from "./harness";

const noSecrets = {
  encrypt: (plaintext: string) => ({ plaintext }),
  decrypt: (ciphertext: string) => ciphertext,
};

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

  it("leaves one alone whose inputs refer to the same resources, as a state has them and as the SDK sends them", async () => {
    const referring = (to: string, id?: string) => (p: Program) => {
      const reference = { [SIG]: RESOURCE, urn: urn(to, COMPONENT), ...(id !== undefined && { id }) };
      return p.resource("c", { reference, list: [reference] }, { type: COMPONENT, custom: false });
    };
    for (const id of [undefined, "i-1", UNKNOWN]) {
      const first = await up(referring("other", id));
      const base = first.state.map((resource) =>
        deserializeResource(storedResource(resource, noSecrets.encrypt), noSecrets),
      );
      assert.deepEqual((await up(referring("other", id), { base })).steps, ["same c"]);
      const moved = await up(referring("another", id), { base });
      assert.deepEqual(moved.steps, ["update c"]);
    }
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
