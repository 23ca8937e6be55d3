import assert from "node:assert/strict";
import type { Properties, Value } from "../../../engine/values";
import { makeSecret } from "../../../engine/values";
import type { Program, ResourceOptions } from "./harness";
import { FakeCloud } from "./fake-cloud";
import { down, find, listed, up, urn } from "./harness";

const one =
  (inputs: Record<string, Value>, options: ResourceOptions = {}) =>
  (program: Program) =>
    program.resource("a", inputs, options);

describe("ignoreChanges", () => {
  it("keeps the old value of what it names, and tells the provider", async () => {
    const first = await up(one({ x: 1, list: [{ port: 1 }, { port: 2 }], gone: 1 }));
    const options = { ignoreChanges: ["x", "list[0].port", "gone"] };
    const { steps, cloud } = await up(one({ x: 2, list: [{ port: 8 }, { port: 9 }] }, options), {
      base: first.state,
      cloud: first.cloud,
    });
    assert.deepEqual(steps, ["update a"]);
    const inputs = { x: 1, list: [{ port: 1 }, { port: 9 }], gone: 1 };
    assert.deepEqual(cloud.received.get("update a"), [inputs, 0, options.ignoreChanges]);
  });

  it("says which paths it cannot keep", async () => {
    const first = await up(one({ list: [1] }));
    const { events } = await up(one({ list: [1, 2] }, { ignoreChanges: ["list[1]"] }), { base: first.state });
    const told = events.flatMap((event) => (event.kind === "diagnostic" ? [event.message] : []));
    assert.deepEqual(told, [`cannot ignore changes in added or removed elements of the path: "list[1]"`]);
  });
});

describe("protect", () => {
  it("keeps the resource and all that it needs, deletes the rest, and fails", async () => {
    const program = async (p: Program): Promise<void> => {
      await p.resource("z");
      const c = await p.component("c");
      const a = await p.resource("a", {}, { parent: c.urn });
      await p.resource("b", { a }, { protect: true });
    };
    const first = await up(program);
    const { result, errors, state } = await down({
      base: first.state,
      cloud: first.cloud,
      options: { parallel: 1 },
    });
    assert.equal(result, "failed");
    assert.match(errors[0] ?? "", /^resource "urn:.*::b" cannot be deleted\nbecause it is protected\./);
    assert.equal(errors.length, 2);
    assert.deepEqual(listed(state), ["c", "a a-2", "b b-3"]);
    assert.equal(state.length, 4, "the default provider stays too");
  });

  it("is inherited from the parent, unless the child has its own", async () => {
    const { state } = await up(async (program) => {
      const c = await program.component("c", { protect: true, retainOnDelete: true });
      await program.resource("a", {}, { parent: c.urn });
      await program.resource("b", {}, { parent: c.urn, protect: false });
    });
    const marks = ["a", "b"].map((name) => [find(state, name).protect, find(state, name).retainOnDelete]);
    assert.deepEqual(marks, [
      [true, true],
      [undefined, true],
    ]);
  });
});

describe("what is not deleted by its provider", () => {
  it("is what is retained, and what goes with something else", async () => {
    const { state, cloud } = await up(async (program) => {
      await program.resource("kept", {}, { retainOnDelete: true });
      const a = await program.resource("a");
      await program.resource("with", {}, { deletedWith: a.urn, dependsOn: [a] });
    });
    const after = await down({ base: state, cloud });
    assert.deepEqual(after.steps, ["delete with", "delete kept", "delete a"]);
    assert.deepEqual(cloud.changes().slice(3), ["delete a-2"]);
    assert.deepEqual(after.state, []);
  });

  it("does not include what goes with something that stays", async () => {
    const program = (whole: boolean) => async (p: Program) => {
      const a = await p.resource("a");
      if (whole) await p.resource("with", {}, { deletedWith: a.urn, dependsOn: [a] });
    };
    const first = await up(program(true));
    const { cloud } = await up(program(false), { base: first.state, cloud: first.cloud });
    assert.deepEqual(cloud.changes().slice(2), ["delete with-2"]);
  });
});

describe("customTimeouts", () => {
  it("reach the provider, in seconds", async () => {
    const options = { customTimeouts: { create: 60, update: 70, delete: 80 } };
    const first = await up(one({ x: 1 }, options));
    const second = await up(one({ x: 2 }, options), { base: first.state, cloud: first.cloud });
    await down({ base: second.state, cloud: first.cloud });
    const { received } = first.cloud;
    assert.deepEqual(received.get("create a"), [{ x: 1 }, 60, false]);
    assert.deepEqual(received.get("update a"), [{ x: 2 }, 70, []]);
    assert.deepEqual(received.get("delete a-1"), [80]);
  });
});

describe("secrets", () => {
  const secret: Record<string, Value> = {
    password: makeSecret("hunter2"),
    nested: { token: makeSecret("t"), plain: 1 },
    list: [makeSecret(1), 2],
    open: "x",
  };
  const bare: Properties = { password: "hunter2", nested: { token: "t", plain: 1 }, list: [1, 2], open: "x" };

  it("reach a provider that takes them wrapped, others bare", async () => {
    const wrapped = await up(one(secret));
    assert.deepEqual(wrapped.cloud.received.get("create a")?.[0], secret);
    const plain = await up(one(secret), { cloud: new FakeCloud({ acceptSecrets: false }) });
    assert.deepEqual(plain.cloud.received.get("create a")?.[0], bare);
    assert.deepEqual(plain.cloud.received.get("check a")?.[1], bare);
  });

  it("come back marked from a provider that does not know them, in inputs and outputs", async () => {
    const { state } = await up(one(secret), { cloud: new FakeCloud({ acceptSecrets: false }) });
    const { inputs, outputs } = find(state, "a");
    const marked = {
      password: makeSecret("hunter2"),
      nested: { token: makeSecret("t"), plain: 1 },
      list: makeSecret([1, 2]),
      open: "x",
    };
    assert.deepEqual(inputs, marked);
    assert.deepEqual(outputs, { ...marked, made: "a" });
  });

  it("stay so when the resource does not become ready", async () => {
    const cloud = new FakeCloud({ acceptSecrets: false });
    cloud.unready.add("create a");
    const { state } = await up(one({ password: makeSecret("p") }), { cloud });
    assert.deepEqual(find(state, "a").outputs, { password: makeSecret("p"), made: "a" });
  });

  it("of a provider's configuration are bare in its checks, wrapped in Configure and in the state", async () => {
    const { cloud, state } = await up((program) => program.resource("a"), {
      config: { "fake:token": "s" },
      secretKeys: ["fake:token"],
    });
    assert.deepEqual(cloud.received.get("checkConfig default"), [{}, { token: "s" }]);
    assert.deepEqual(cloud.received.get("configure default")?.[0], { token: makeSecret("s") });
    assert.deepEqual(state[0]?.outputs, { token: makeSecret("s") });
  });

  it("are made of the outputs that additionalSecretOutputs names, but never of the ID", async () => {
    const { state, warnings } = await up(one({ x: 1 }, { additionalSecretOutputs: ["made", "id", "none"] }));
    assert.deepEqual(find(state, "a").outputs, { x: 1, made: makeSecret("a") });
    assert.deepEqual(warnings, ["The 'id' property cannot be made secret."]);
  });

  it("are not shown when an input is refused", async () => {
    const cloud = new (class extends FakeCloud {
      override async load() {
        const provider = await super.load({ name: "fake" });
        provider.check = async (_subject, _olds, inputs) => ({
          inputs,
          failures: [{ property: "password", reason: "too short" }],
        });
        return provider;
      }
    })();
    const { errors } = await up(one(secret), { cloud });
    assert.equal(
      errors[0],
      `fake:index:R resource 'a': property password value [secret] has a problem: too short`,
    );
  });

  it("that are secret on one side only make no difference", async () => {
    const first = await up(one({ x: "v" }));
    const second = await up(one({ x: makeSecret("v") }), { base: first.state, cloud: first.cloud });
    assert.deepEqual(second.steps, ["same a"]);
    assert.deepEqual(find(second.state, "a").inputs, { x: makeSecret("v") });
    assert.deepEqual(find(second.state, "a").outputs, { x: makeSecret("v"), made: "a" });
  });
});

describe("a provider that does not say what differs", () => {
  it("has its inputs compared by the engine", async () => {
    const cloud = new (class extends FakeCloud {
      override async load() {
        const provider = await super.load({ name: "fake" });
        provider.diff = async () => ({
          changes: "unknown",
          diffs: [],
          replaces: [],
          deleteBeforeReplace: false,
        });
        return provider;
      }
    })();
    const first = await up(one({ x: 1, deep: { list: [1, 2], s: makeSecret("a") } }), { cloud });
    const same = await up(one({ x: 1, deep: { list: [1, 2], s: "a" } }), { base: first.state, cloud });
    assert.deepEqual(same.steps, ["same a"]);
    const { events } = await up(one({ y: 1, deep: { list: [1, 3], s: "a" } }), { base: same.state, cloud });
    const update = events.find((event) => event.kind === "resource-pre" && event.step.op === "update");
    assert.ok(update?.kind === "resource-pre");
    assert.deepEqual(update.step.diffs, ["x", "deep", "y"]);
    assert.deepEqual(update.step.detailedDiff, {
      x: { kind: "delete", inputDiff: true },
      y: { kind: "add", inputDiff: true },
      "deep.list[1]": { kind: "update", inputDiff: true },
    });
  });
});

describe("parents", () => {
  it("are in their children's URNs, but for the stack", async () => {
    const { state } = await up(async (program) => {
      const stack = await program.stack();
      const c = await program.component("c", { parent: stack.urn });
      await program.resource("a::b", {}, { parent: c.urn });
    });
    assert.equal(state.at(-1)?.urn, "urn:pulumi:dev::proj::app:index:C$fake:index:R::a::b");
    assert.equal(state.at(-1)?.parent, urn("c", "app:index:C"));
  });
});
