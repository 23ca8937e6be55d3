import assert from "node:assert/strict";
import { makeSecret, UNKNOWN } from "../../../engine/values";
import type { Program, ResourceOptions } from "./harness";
import { FakeCloud } from "./fake-cloud";
import { fault, find, listed, preview, up, urn } from "./harness";

const existing = (): FakeCloud => {
  const cloud = new FakeCloud();
  cloud.world.set("theirs", { x: 1 });
  return cloud;
};

describe("read", () => {
  it("puts what the provider finds into the state, as external", async () => {
    let outputs: unknown;
    const program = async (p: Program): Promise<void> => {
      ({ outputs } = await p.read("r", "theirs", { inputs: { q: 1 } }));
    };
    const { state, changes, steps, cloud } = await up(program, { cloud: existing() });
    assert.deepEqual(outputs, { x: 1, made: "r" });
    assert.deepEqual([steps, changes], [["read r"], {}]);
    const { provider, ...rest } = find(state, "r");
    assert.ok(provider);
    assert.deepEqual(rest, {
      urn: urn("r"),
      custom: true,
      id: "theirs",
      type: "fake:index:R",
      inputs: { q: 1 },
      outputs: { x: 1, made: "r" },
      external: true,
    });
    assert.deepEqual(cloud.received.get("read theirs"), [{ q: 1 }]);
    const again = await up(program, { base: state, cloud });
    assert.deepEqual(listed(again.state), ["r theirs external"]);
  });

  it("happens in a preview too, unless the ID is unknown", async () => {
    let outputs: unknown;
    const { steps, cloud } = await preview(
      async (p) => {
        await p.read("known", "theirs");
        ({ outputs } = await p.read("unknown", UNKNOWN));
      },
      { cloud: existing() },
    );
    assert.deepEqual(steps, ["read known", "read unknown"]);
    assert.deepEqual([outputs, cloud.changes()], [{}, ["read theirs"]]);
  });

  it("of nothing fails", async () => {
    const { errors } = await up((p) => p.read("r", "nobody"));
    assert.equal(errors[0], "resource 'nobody' does not exist");
  });

  it("never deletes what was read: it is only forgotten", async () => {
    const { state, cloud } = await up((p) => p.read("r", "theirs"), { cloud: existing() });
    const second = await up(async () => {}, { base: state, cloud });
    assert.deepEqual(second.steps, ["discard r"]);
    assert.deepEqual([second.state, [...cloud.world.keys()]], [[], ["theirs"]]);
  });

  it("in place of a resource that was managed lets the old one go, unless it is the same", async () => {
    const { state, cloud } = await up((p) => p.resource("r"), { cloud: existing() });
    const other = await up((p) => p.read("r", "theirs"), { base: state, cloud });
    assert.deepEqual(other.steps, ["read-replacement r", "replace r", "delete-replaced r"]);
    assert.deepEqual([...cloud.world.keys()], ["theirs"]);
    const made = await up((p) => p.resource("s"), { base: other.state, cloud });
    const same = await up((p) => p.read("s", find(made.state, "s").id ?? ""), { base: made.state, cloud });
    assert.deepEqual(same.steps, ["read s"]);
    assert.equal(cloud.world.size, 2);
  });

  it("followed by a registration of the same name makes a resource of our own", async () => {
    const { state, cloud } = await up((p) => p.read("r", "theirs"), { cloud: existing() });
    const second = await up((p) => p.resource("r", { x: 1 }), { base: state, cloud });
    assert.deepEqual(second.steps, ["create-replacement r", "replace r", "discard-replaced r"]);
    assert.deepEqual(listed(second.state), ["r r-1"]);
    assert.ok(cloud.world.has("theirs"));
    assert.deepEqual(cloud.received.get("check r"), [{}, { x: 1 }]);
  });

  it("of a stack reference answers with the other stack's outputs", async () => {
    let outputs: unknown;
    const reference = { type: "pulumi:pulumi:StackReference", inputs: { name: "organization/proj/prod" } };
    const program = async (p: Program): Promise<void> => {
      ({ outputs } = await p.read("ref", "organization/proj/prod", reference));
    };
    const stacks = { "organization/proj/prod": { url: "u", b: makeSecret("s"), a: [makeSecret(1)] } };
    const { state } = await up(program, { stacks });
    const expected = {
      name: "organization/proj/prod",
      outputs: stacks["organization/proj/prod"],
      secretOutputNames: ["a", "b"],
    };
    assert.deepEqual(outputs, expected);
    assert.equal(state[0]?.urn, urn("default", "pulumi:providers:pulumi"));
    const { errors } = await up(program);
    assert.equal(errors[0], `unknown stack "organization/proj/prod"`);
  });
});

describe("import", () => {
  const program =
    (x: number, options: ResourceOptions = { importId: "theirs" }) =>
    (p: Program) =>
      p.resource("r", { x }, options);

  it("takes over what is there when it is as the program has it", async () => {
    const { steps, changes, state, cloud } = await up(program(1), { cloud: existing() });
    assert.deepEqual([steps, changes], [["import r"], { import: 1 }]);
    const { id, inputs, outputs, importID, created } = find(state, "r");
    assert.deepEqual(
      { id, inputs, outputs, importID },
      {
        id: "theirs",
        inputs: { x: 1 },
        outputs: { x: 1, made: "r" },
        importID: "theirs",
      },
    );
    assert.ok(created);
    const again = await up(program(1), { base: state, cloud });
    assert.deepEqual(again.steps, ["same r"]);
    const without = await up(program(1, {}), { base: again.state, cloud });
    assert.deepEqual(without.steps, ["same r"]);
    assert.equal(find(without.state, "r").importID, undefined);
  });

  it("updates it when the program has it otherwise", async () => {
    const { steps, changes, state, cloud } = await up(program(2), { cloud: existing() });
    assert.deepEqual([steps, changes], [["import r", "update r"], { import: 1, update: 1 }]);
    assert.deepEqual(listed(state), ["r theirs"]);
    assert.deepEqual(cloud.world.get("theirs"), { x: 2 });
  });

  it("reads in a preview, and changes nothing", async () => {
    const { steps, cloud } = await preview(program(2), { cloud: existing() });
    assert.deepEqual(steps, ["import r", "update r"]);
    assert.deepEqual(cloud.world.get("theirs"), { x: 1 });
  });

  it("of nothing fails and saves nothing", async () => {
    const { errors, state } = await up(program(1, { importId: "nobody" }));
    assert.equal(errors[0], "resource 'nobody' does not exist");
    assert.deepEqual(listed(state), []);
  });

  it("in place of another resource deletes that one", async () => {
    const cloud = existing();
    const { state } = await up(program(1, {}), { cloud });
    const second = await up(program(1), { base: state, cloud });
    assert.deepEqual(second.steps, ["import-replacement r", "replace r", "delete-replaced r"]);
    assert.deepEqual(listed(second.state), ["r theirs"]);
    assert.deepEqual([...cloud.world.keys()], ["theirs"]);
    assert.equal(fault(second.state), undefined);
  });

  it("in place of what was deleted ahead and not created again deletes nothing twice", async () => {
    const fixed = (value: number, options: ResourceOptions) => (p: Program) =>
      p.resource("r", { fixed: value }, { deleteBeforeReplace: true, ...options });
    const cloud = new FakeCloud();
    const { state } = await up(fixed(1, {}), { cloud });
    cloud.faults.set("create r", () => Promise.reject(new Error("no")));
    const second = await up(fixed(2, {}), { base: state, cloud });
    assert.deepEqual(listed(second.state), ["r r-1 pending"]);
    cloud.world.set("theirs", { fixed: 2 });
    const third = await up(fixed(2, { importId: "theirs" }), { base: second.state, cloud });
    assert.deepEqual(listed(third.state), ["r theirs"]);
    assert.deepEqual(
      cloud.changes().filter((call) => call.startsWith("delete")),
      ["delete r-1"],
    );
  });

  it("in place of what is deleted ahead in the same update waits for that", async () => {
    const program = (fixed: number, options: ResourceOptions) => async (p: Program) => {
      const a = await p.resource("a", { fixed }, { deleteBeforeReplace: true });
      await p.resource("r", { fixedA: a }, options);
    };
    const cloud = new FakeCloud();
    const { state } = await up(program(1, {}), { cloud });
    cloud.world.set("theirs", { fixedA: "a-3" });
    const second = await up(program(2, { importId: "theirs" }), { base: state, cloud });
    assert.deepEqual(second.errors, []);
    assert.deepEqual(listed(second.state), ["a a-3", "r theirs"]);
    assert.deepEqual([...cloud.world.keys()], ["theirs", "a-3"]);
    assert.equal(fault(second.state), undefined);
  });

  it("knows what it has imported by the ID that the program gives, when the provider has another", async () => {
    const cloud = new (class extends FakeCloud {
      override async load() {
        const provider = await super.load({ name: "fake" });
        provider.read = async () => ({ id: "arn:theirs", inputs: { x: 1 }, properties: { x: 1 } });
        return provider;
      }
    })();
    const { state } = await up(program(1), { cloud });
    assert.deepEqual(listed(state), ["r arn:theirs"]);
    const second = await up(program(1), { base: state, cloud });
    assert.deepEqual(second.steps, ["same r"]);
  });

  it("forbids a replacement while the program still names the ID", async () => {
    const fixed = (value: number) => (p: Program) =>
      p.resource("r", { fixed: value }, { importId: "theirs" });
    const cloud = new FakeCloud();
    cloud.world.set("theirs", { fixed: 1 });
    const { state } = await up(fixed(1), { cloud });
    const { errors } = await up(fixed(2), { base: state, cloud });
    assert.equal(
      errors[0],
      "previously-imported resources that still specify an ID may not be replaced; please remove the `import` declaration from your program; changed: fixed",
    );
    const { warnings, result } = await preview(fixed(2), { base: state, cloud });
    assert.deepEqual([warnings.length, result], [1, "succeeded"]);
  });
});
