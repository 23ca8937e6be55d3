import assert from "node:assert/strict";
import { Targets } from "../../../engine/deploy/targets";
import type { Program } from "./harness";
import { COMPONENT, down, fault, find, listed, preview, up, urn } from "./harness";

describe("Targets", () => {
  it("match URNs, names with * and anything with **", () => {
    const targets = new Targets([urn("a"), "urn:pulumi:*::proj::fake:index:R::b*", "**::c"]);
    const has = (name: string, type?: string): boolean => targets.has(urn(name, type));
    assert.deepEqual(
      [has("a"), has("b"), has("b1"), has("b::x"), has("c", "x:y:Z$q:r:S"), has("d")],
      [true, true, true, false, true, false],
    );
    assert.equal(new Targets([]).has("anything"), true);
  });

  it("take the dots and brackets of a glob for what they are", () => {
    const targets = new Targets(["**::a.b[*]"]);
    assert.deepEqual([targets.has(urn("a.b[1]")), targets.has(urn("axb[1]"))], [true, false]);
  });
});

describe("an update of targets", () => {
  /** Two chains below a stack; `x` is an input of all. */
  const program = (x: number, names = ["a", "b", "c"]) => {
    return async (p: Program): Promise<void> => {
      const stack = await p.stack();
      for (const name of names) {
        const base = await p.resource(name, { x }, { parent: stack.urn });
        const user = await p.resource(`${name}-user`, { x, base }, { parent: stack.urn });
        await p.resource(`${name}-end`, { x, user }, { parent: stack.urn });
      }
    };
  };

  it("changes them only; the rest stays as the state has it", async () => {
    const first = await up(program(1));
    const second = await up(program(2), {
      base: first.state,
      cloud: first.cloud,
      options: { targets: [urn("b")] },
    });
    const { steps, state, result } = second;
    assert.equal(result, "succeeded");
    assert.deepEqual(
      steps.filter((step) => !step.startsWith("same")),
      ["update b"],
    );
    assert.deepEqual(find(state, "a").inputs, { x: 1 });
    assert.deepEqual(find(state, "b").inputs, { x: 2 });
    assert.equal(fault(state), undefined);
  });

  it("does not check or diff the rest with their provider", async () => {
    const first = await up(program(1));
    const { cloud } = first;
    cloud.calls.length = 0;
    await up(program(2), { base: first.state, cloud, options: { targets: [urn("b")] } });
    assert.deepEqual(
      cloud.calls.filter((call) => call.startsWith("check ") || call.startsWith("diff ")),
      ["check b", "diff b"],
    );
  });

  it("takes dependents along when asked to", async () => {
    const first = await up(program(1));
    const { steps } = await up(program(2), {
      base: first.state,
      cloud: first.cloud,
      options: { targets: [urn("b")], targetDependents: true },
    });
    assert.deepEqual(
      steps.filter((step) => !step.startsWith("same")),
      ["update b", "update b-user", "update b-end"],
    );
  });

  it("creates nothing else, and answers that it is unknown", async () => {
    let answer: unknown;
    const { state, steps, changes } = await up(
      async (p) => {
        await p.resource("a");
        answer = await p.resource("new", { x: 1 });
      },
      { options: { targets: [urn("a")] } },
    );
    assert.deepEqual(answer, { urn: urn("new"), id: "", outputs: {}, unknown: true });
    assert.deepEqual([steps, changes], [["create a", "same new"], { create: 1, same: 1 }]);
    assert.deepEqual(listed(state), ["a a-1"]);
  });

  it("refuses a target that needs what is not to be created; a preview names all of them", async () => {
    const needing = async (p: Program): Promise<void> => {
      const a = await p.resource("a");
      const b = await p.resource("b");
      await p.resource("c", { a });
      await p.resource("d", { b });
      await p.resource("e", { b });
    };
    const options = { targets: ["**::c", "**::d", "**::e"] };
    const message = (name: string, other: string): string =>
      `Resource '${urn(name)}' depends on '${urn(other)}' which was not specified in --target list.`;
    const { errors, cloud } = await up(needing, { options });
    assert.deepEqual(errors, [message("c", "a"), "update failed"]);
    assert.deepEqual(cloud.changes(), []);
    const shown = await preview(needing, { options });
    assert.deepEqual(shown.errors, [message("c", "a"), message("d", "b"), "preview failed"]);
  });

  it("deletes targets that the program no longer has, and nothing else", async () => {
    const first = await up(program(1));
    const { cloud } = first;
    const refused = await up(program(1, ["a", "c"]), {
      base: first.state,
      cloud,
      options: { targets: [urn("b")] },
    });
    const message = (name: string): string =>
      `Resource '${urn(name)}' will be destroyed but was not specified in --target list.\n` +
      "Either include resource in --target list or pass --target-dependents to proceed.";
    assert.deepEqual(refused.errors, [message("b-user"), message("b-end"), "update failed"]);
    const options = { targets: [urn("b")], targetDependents: true };
    const second = await up(program(1, ["c"]), { base: first.state, cloud, options });
    assert.deepEqual(cloud.changes().slice(9), ["delete b-end-6", "delete b-user-5", "delete b-4"]);
    assert.deepEqual(listed(second.state).sort(), [
      "a a-1",
      "a-end a-end-3",
      "a-user a-user-2",
      "c c-7",
      "c-end c-end-9",
      "c-user c-user-8",
      "proj-dev",
    ]);
    assert.equal(fault(second.state), undefined);
  });

  it("updates providers all the same", async () => {
    const served = (region: string) => async (p: Program) => {
      const provider = await p.resource("p", { region }, { type: "pulumi:providers:fake" });
      await p.resource("a", { region }, { provider: `${provider.urn}::${provider.id}` });
      await p.resource("b", { region }, { provider: `${provider.urn}::${provider.id}` });
    };
    const first = await up(served("eu"));
    const { steps, state } = await up(served("us"), {
      base: first.state,
      cloud: first.cloud,
      options: { targets: [urn("b")] },
    });
    assert.deepEqual(steps, ["update p", "same a", "update b"]);
    assert.equal(fault(state), undefined);
  });

  it("keeps a resource whose provider is only renamed", async () => {
    const served = (name: string, x: number) => async (p: Program) => {
      const aliases = name === "new" ? [{ name: "old" }] : [];
      const provider = await p.resource(name, {}, { type: "pulumi:providers:fake", aliases });
      await p.resource("a", { x }, { provider: `${provider.urn}::${provider.id}` });
      await p.resource("b", { x }, { provider: `${provider.urn}::${provider.id}` });
    };
    const first = await up(served("old", 1));
    const { steps, state, cloud } = await up(served("new", 2), {
      base: first.state,
      cloud: first.cloud,
      options: { targets: [urn("b")] },
    });
    assert.deepEqual(steps, ["same new", "same a", "update b"]);
    assert.equal(find(state, "a").provider, find(state, "b").provider);
    assert.equal(cloud.calls.filter((call) => call === "diffConfig new").length, 1);
    assert.equal(fault(state), undefined);
  });

  it("keeps before a resource that stays what it refers to, though the program has it no longer", async () => {
    const before = async (p: Program): Promise<void> => {
      const old = await p.resource("old");
      await p.resource("user", { old });
      await p.resource("a", { x: 1 });
    };
    const after = async (p: Program): Promise<void> => {
      await p.resource("user", {});
      await p.resource("a", { x: 2 });
    };
    const first = await up(before);
    const { state, changes } = await up(after, {
      base: first.state,
      cloud: first.cloud,
      options: { targets: [urn("a")] },
    });
    assert.deepEqual(changes, { same: 2, update: 1 });
    assert.deepEqual(listed(state), ["old old-1", "user user-2", "a a-3"]);
    assert.equal(fault(state), undefined);
  });

  it("refuses a target that something kept refers to, when the program has it only later", async () => {
    const first = await up(async (p) => {
      const a = await p.resource("a", { x: 1 });
      await p.resource("b", { a });
    });
    const { errors, state } = await up(
      async (p) => {
        await p.resource("b");
        await p.resource("a", { x: 2 });
      },
      { base: first.state, cloud: first.cloud, options: { targets: [urn("a")] } },
    );
    assert.equal(
      errors[0],
      `a resource that is no target and was registered before depends on ${urn("a")} by the state: make it a target too`,
    );
    assert.equal(fault(state), undefined);
  });

  it("tells of a target that is nothing", async () => {
    const { errors } = await up(program(1), { options: { targets: [urn("a"), urn("nobody")] } });
    assert.deepEqual(errors, [
      `Target '${urn("nobody")}' could not be found in the stack. Did you forget to escape $ in your shell?`,
      "update failed",
    ]);
  });
});

describe("destroy of targets", () => {
  it("deletes them with what depends on them only when asked to", async () => {
    const first = await up(async (p) => {
      const c = await p.component("c");
      const a = await p.resource("a", {}, { parent: c.urn });
      await p.resource("b", { a });
      await p.resource("z");
    });
    const targets = [urn("a", "fake:index:R", urn("c", COMPONENT))];
    const refused = await down({ base: first.state, cloud: first.cloud, options: { targets } });
    assert.equal(refused.result, "failed");
    assert.deepEqual(refused.steps, []);
    const { state, steps } = await down({
      base: first.state,
      cloud: first.cloud,
      options: { targets, targetDependents: true },
    });
    assert.deepEqual(
      steps.filter((step) => step.startsWith("delete")),
      ["delete b", "delete a"],
    );
    assert.deepEqual(listed(state), ["c", "z z-3"]);
    assert.equal(fault(state), undefined);
  });
});
