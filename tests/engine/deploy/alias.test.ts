import assert from "node:assert/strict";
import { applyAliases } from "../../../engine/deploy/renames";
import type { Alias } from "../../../engine/model";
import type { Program } from "./harness";
import { COMPONENT, fault, find, listed, STACK_URN, up, urn } from "./harness";

describe("aliases", () => {
  const a =
    (name: string, aliases: Alias[] = []) =>
    async (program: Program) => {
      const resource = await program.resource(name, { x: 1 }, { aliases });
      await program.resource("user", { resource });
    };

  it("rename a resource without touching it, with every reference to it", async () => {
    const first = await up(a("old"));
    const { steps, state, cloud } = await up(a("new", [{ name: "old" }]), {
      base: first.state,
      cloud: first.cloud,
    });
    assert.deepEqual(steps, ["same new", "same user"]);
    assert.deepEqual(cloud.changes(), ["create old", "create user"]);
    assert.deepEqual(listed(state), ["new old-1", "user user-2"]);
    assert.deepEqual(find(state, "user").dependencies, [urn("new")]);
    assert.equal(
      state.some((resource) => "aliases" in resource),
      false,
    );
  });

  it("leave a sound state when the update stops between the renamed resource and those that refer to it", async () => {
    const first = await up(a("old"));
    const { state } = await up(
      async (program) => {
        await program.resource("new", { x: 1 }, { aliases: [{ name: "old" }] });
        await program.resource("other", { bad: "no" });
      },
      { base: first.state, cloud: first.cloud },
    );
    assert.equal(fault(state), undefined);
    assert.deepEqual(find(state, "user").propertyDependencies, { resource: [urn("new")] });
    const next = await up(a("new", [{ name: "old" }]), { base: state, cloud: first.cloud });
    assert.deepEqual(next.steps, ["same new", "same user"]);
  });

  it("name the old type, stack, project, parent or whole URN", async () => {
    const cases: [string, Alias][] = [
      [urn("r", "fake:index:Old"), { type: "fake:index:Old" }],
      ["urn:pulumi:prod::proj::fake:index:R::r", { stack: "prod" }],
      ["urn:pulumi:dev::before::fake:index:R::r", { project: "before" }],
      [urn("r", "fake:index:R", urn("p", COMPONENT)), { parentUrn: urn("p", COMPONENT) }],
      ["urn:pulumi:x::y::any:thing:T::z", { urn: "urn:pulumi:x::y::any:thing:T::z" }],
    ];
    for (const [old, alias] of cases) {
      const first = await up((program) => program.resource("r", { x: 1 }));
      const base = first.state.map((resource) =>
        resource.urn === urn("r") ? { ...resource, urn: old } : resource,
      );
      const { steps } = await up((program) => program.resource("r", { x: 1 }, { aliases: [alias] }), {
        base,
        cloud: first.cloud,
      });
      assert.deepEqual(steps, ["same r"], JSON.stringify(alias));
    }
  });

  it("say that there was no parent", async () => {
    const first = await up((program) => program.resource("r", { x: 1 }));
    const { steps, state } = await up(
      async (program) => {
        const parent = await program.component("p");
        await program.resource("r", { x: 1 }, { parent: parent.urn, aliases: [{ noParent: true }] });
      },
      { base: first.state, cloud: first.cloud },
    );
    assert.deepEqual(steps, ["create p", "same r"]);
    assert.equal(find(state, "r").urn, urn("r", "fake:index:R", urn("p", COMPONENT)));
  });

  it("are inherited by children, whose names follow their parent's", async () => {
    const program = (parentName: string, type: string, aliases: Alias[]) => async (p: Program) => {
      const parent = await p.component(parentName, { type, aliases });
      await p.resource(`${parentName}-db`, { x: 1 }, { parent: parent.urn });
      const inner = await p.component("inner", { parent: parent.urn });
      await p.resource("leaf", { x: 1 }, { parent: inner.urn });
    };
    const first = await up(program("app", "app:index:Old", []));
    const aliases = [{ name: "app", type: "app:index:Old" }];
    const second = await up(program("shop", "app:index:New", aliases), {
      base: first.state,
      cloud: first.cloud,
    });
    assert.deepEqual(second.steps, ["same shop", "same shop-db", "same inner", "same leaf"]);
    assert.equal(fault(second.state), undefined);
  });

  it("of a provider keep the resources that it serves", async () => {
    const program = (name: string, aliases: Alias[]) => async (p: Program) => {
      const provider = await p.resource(name, { region: "eu" }, { type: "pulumi:providers:fake", aliases });
      await p.resource("r", { x: 1 }, { provider: `${provider.urn}::${provider.id}` });
    };
    const first = await up(program("one", []));
    const second = await up(program("two", [{ name: "one" }]), { base: first.state, cloud: first.cloud });
    assert.deepEqual(second.steps, ["same two", "same r"]);
    assert.equal(fault(second.state), undefined);
  });

  it("go with a replacement: the old resource is deleted under the new name", async () => {
    const program = (name: string, fixed: number, aliases: Alias[]) => (p: Program) =>
      p.resource(name, { fixed }, { aliases });
    const first = await up(program("old", 1, []));
    const second = await up(program("new", 2, [{ name: "old" }]), { base: first.state, cloud: first.cloud });
    assert.deepEqual(second.steps, ["create-replacement new", "replace new", "delete-replaced old"]);
    assert.deepEqual(listed(second.state), ["new new-2"]);
  });

  it("cannot claim what another resource has", async () => {
    const first = await up((program) => program.resource("old"));
    const twice = await up(
      async (program) => {
        await program.resource("n1", {}, { aliases: [{ name: "old" }] });
        await program.resource("n2", {}, { aliases: [{ name: "old" }] });
      },
      { base: first.state, cloud: first.cloud },
    );
    assert.equal(
      twice.errors[0],
      `Duplicate resource alias '${urn("old")}' applied to resource with URN '${urn("n2")}' conflicting with resource with URN '${urn("n1")}'`,
    );
    const both = await up(
      async (program) => {
        await program.resource("n1", {}, { aliases: [{ name: "old" }] });
        await program.resource("old");
      },
      { base: first.state, cloud: first.cloud },
    );
    assert.equal(
      both.errors[0],
      `Duplicate resource URN '${urn("old")}' conflicting with alias on resource with URN '${urn("n1")}'`,
    );
  });
});

describe("applyAliases", () => {
  const resource = (name: string, fields: object = {}) => ({
    urn: urn(name),
    custom: true,
    type: "fake:index:R",
    ...fields,
  });

  it("rewrites every kind of reference, and the URNs of children", () => {
    const before = urn("p", "app:index:Old");
    const after = urn("p", "app:index:New");
    const child = (parent: string) => urn("c", "fake:index:R", parent);
    const renamed = applyAliases([
      { urn: STACK_URN, custom: false, type: "pulumi:pulumi:Stack" },
      { urn: after, custom: false, type: "app:index:New", aliases: [before], parent: STACK_URN },
      resource("c", { urn: child(before), parent: before }),
      resource("d", {
        dependencies: [before, child(before)],
        propertyDependencies: { x: [child(before)] },
        deletedWith: before,
        replaceWith: [child(before)],
        provider: `${before}::1`,
      }),
    ]);
    assert.deepEqual(renamed.slice(1), [
      { urn: after, custom: false, type: "app:index:New", parent: STACK_URN },
      resource("c", { urn: child(after), parent: after }),
      resource("d", {
        dependencies: [after, child(after)],
        propertyDependencies: { x: [child(after)] },
        deletedWith: after,
        replaceWith: [child(after)],
        provider: `${after}::1`,
      }),
    ]);
  });

  it("leaves alone what refers to nothing renamed", () => {
    const other = resource("other");
    const [, same] = applyAliases([resource("new", { aliases: [urn("old")] }), other]);
    assert.equal(same, other);
  });
});
