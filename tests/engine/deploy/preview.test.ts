import assert from "node:assert/strict";
import { UNKNOWN } from "../../../engine/values";
import { FakeCloud } from "./fake-cloud";
import type { Program } from "./harness";
import { preview, up } from "./harness";

const chain = async (program: Program): Promise<void> => {
  const stack = await program.stack();
  const a = await program.resource("a", { x: 1 }, { parent: stack.urn });
  const b = await program.resource("b", { a }, { parent: stack.urn });
  await program.resource("c", { b }, { parent: stack.urn });
  await program.outputs(stack, { a: a.id });
};

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
