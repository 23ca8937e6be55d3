import assert from "node:assert/strict";
import { ProviderRegistry } from "../../../engine/deploy/providers";
import type { ProviderHost } from "../../../engine/model";
import { makeSecret, UNKNOWN } from "../../../engine/values";
import type { Program, Registered, ResourceOptions } from "./harness";
import { FakeCloud } from "./fake-cloud";
import { DEFAULT_PROVIDER, fault, find, gate, listed, preview, up, urn } from "./harness";

const reference = (provider: Registered): string => `${provider.urn}::${provider.id}`;
const PROVIDER = { type: "pulumi:providers:fake" };

describe("default providers", () => {
  it("are named after their version, and hold their package's configuration", async () => {
    const { state } = await up((program) => program.resource("a"), {
      versions: { fake: "4.21.2-rc.1+build" },
      config: { "fake:region": "eu", "fake:token": "s3cret", "other:x": "y" },
      secretKeys: ["fake:token"],
    });
    const provider = find(state, "default_4_21_2_rc_1_build");
    const configuration = { region: "eu", token: makeSecret("s3cret"), version: "4.21.2-rc.1+build" };
    assert.deepEqual(provider.inputs, { ...configuration, __internal: {} });
    assert.deepEqual(provider.outputs, configuration);
    assert.equal(provider.parent, undefined);
    assert.match(provider.id ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });

  it("without a version have a plain name and no __internal", async () => {
    const { state } = await up((program) => program.resource("a"));
    assert.equal(state[0]?.urn, DEFAULT_PROVIDER);
    assert.deepEqual(state[0]?.inputs, {});
  });

  it("are one for each version and download URL that is asked for", async () => {
    const { state, cloud } = await up(async (program) => {
      await program.resource("a", {}, { version: "1.0.0" });
      await program.resource("b", {}, { version: "2.0.0" });
      await program.resource("c", {}, { version: "2.0.0" });
      await program.resource("d", {}, { pluginDownloadURL: "https://example.com/plugins" });
    });
    const names = state.map((resource) => resource.urn.split("::").at(-1));
    const defaults = ["default_1_0_0", "default_2_0_0", "default_https_/example.com/plugins"];
    assert.deepEqual(names, [defaults[0], "a", defaults[1], "b", "c", defaults[2], "d"]);
    assert.equal(cloud.loaded, 3);
    assert.deepEqual(find(state, "default_https_/example.com/plugins").inputs, {
      __internal: { pluginDownloadURL: "https://example.com/plugins" },
    });
  });

  it("are checked, diffed and configured with what they had when nothing has changed", async () => {
    const program = (p: Program) => p.resource("a");
    const { state } = await up(program, { versions: { fake: "1.0.0" } });
    const cloud = new FakeCloud();
    await up(program, { base: state, cloud, versions: { fake: "1.0.0" } });
    assert.deepEqual(cloud.calls.slice(0, 3), [
      "checkConfig default_1_0_0",
      "diffConfig default_1_0_0",
      "configure default_1_0_0",
    ]);
    assert.deepEqual(cloud.received.get("checkConfig default_1_0_0"), [
      { version: "1.0.0" },
      { version: "1.0.0" },
    ]);
    assert.deepEqual(cloud.received.get("configure default_1_0_0"), [{ version: "1.0.0" }, state[0]?.id]);
  });

  it("of the dynamic package hold all configuration, keys and all", async () => {
    const { state } = await up(
      (program) => program.resource("a", {}, { type: "pulumi-nodejs:dynamic:Resource" }),
      {
        config: { "proj:size": "3", "fake:token": "s" },
        secretKeys: ["fake:token"],
        cloud: new (class extends FakeCloud {
          override load = () => super.load({ name: "fake" });
        })(),
      },
    );
    assert.deepEqual(find(state, "default").inputs, { "proj:size": "3", "fake:token": makeSecret("s") });
  });

  it("can be forbidden", async () => {
    for (const names of ['["fake"]', '["*"]']) {
      const { errors } = await up((program) => program.resource("a"), {
        config: { "pulumi:disable-default-providers": names },
      });
      assert.match(errors[0] ?? "", /^Default provider for 'fake' disabled .*: use an explicit provider\.$/);
    }
  });

  it("go when nothing uses them any more", async () => {
    const first = await up((program) => program.resource("a"), { versions: { fake: "1.0.0" } });
    const second = await up((program) => program.resource("a"), {
      base: first.state,
      cloud: first.cloud,
      versions: { fake: "2.0.0" },
    });
    assert.deepEqual(second.changes, { same: 1 });
    assert.deepEqual(
      second.state.map((resource) => resource.urn),
      [urn("default_2_0_0", "pulumi:providers:fake"), urn("a")],
    );
    assert.equal(fault(second.state), undefined);
  });
});

describe("explicit providers", () => {
  const program = (inputs: object, options: ResourceOptions = {}) => {
    return async (p: Program): Promise<void> => {
      const provider = await p.resource("p", { ...inputs }, { ...PROVIDER, ...options });
      await p.resource("a", { x: 1 }, { provider: reference(provider) });
    };
  };

  it("take the default provider's version when they have none", async () => {
    const { state } = await up(program({ region: "eu" }), { versions: { fake: "1.2.3" } });
    assert.deepEqual(find(state, "p").inputs, { region: "eu", version: "1.2.3", __internal: {} });
    const other = await up(program({}, { version: "9.0.0" }), { versions: { fake: "1.2.3" } });
    assert.equal(find(other.state, "p").inputs?.["version"], "9.0.0");
  });

  it("are counted, and updated in place with their ID kept", async () => {
    const first = await up(program({ region: "eu" }));
    assert.deepEqual(first.changes, { create: 2 });
    const second = await up(program({ region: "us" }), { base: first.state, cloud: first.cloud });
    assert.deepEqual(second.steps, ["update p", "same a"]);
    assert.equal(find(second.state, "p").id, find(first.state, "p").id);
    assert.equal(fault(second.state), undefined);
  });

  it("that were started from the state end when an update brings their successor", async () => {
    const first = await up(program({ region: "eu" }));
    const cloud = new FakeCloud();
    cloud.world.set("a-1", { x: 1 });
    await up(program({ region: "us" }), { base: first.state, cloud, options: { refresh: true } });
    assert.deepEqual([cloud.loaded, cloud.closed], [2, 1]);
  });

  it("that are replaced replace their resources only if the new one says so", async () => {
    const first = await up(program({ fixedRegion: "eu" }));
    const second = await up(program({ fixedRegion: "us" }), { base: first.state, cloud: first.cloud });
    assert.deepEqual(second.steps, [
      "create-replacement p",
      "replace p",
      "create-replacement a",
      "replace a",
      "delete-replaced a",
      "delete-replaced p",
    ]);
    assert.equal(fault(second.state), undefined);
    // Started for two checks and to delete with; the first is not needed after the second.
    assert.deepEqual([first.cloud.loaded, first.cloud.closed], [4, 2]);
    const named = (name: string) => async (p: Program) => {
      const provider = await p.resource(name, { region: name }, PROVIDER);
      await p.resource("a", { x: 1 }, { provider: reference(provider) });
    };
    const one = await up(named("one"));
    const two = await up(named("two"), { base: one.state, cloud: one.cloud });
    assert.deepEqual(two.steps, ["create two", "same a", "delete one"]);
    assert.equal(fault(two.state), undefined);
  });

  it("are started with the old configuration to delete what they made", async () => {
    const first = await up(program({ region: "eu" }));
    const cloud = new FakeCloud();
    const second = await up(async () => {}, { base: first.state, cloud });
    assert.deepEqual(second.steps, ["delete a", "delete p"]);
    assert.deepEqual(cloud.calls, ["configure p", "delete a-1"]);
    assert.deepEqual(cloud.received.get("configure p"), [{ region: "eu" }, find(first.state, "p").id]);
  });

  it("come from the component's map, or an outer component's, or a parent of the same package", async () => {
    const { state } = await up(async (p) => {
      const provider = await p.resource("p", {}, PROVIDER);
      const outer = await p.component("outer", { providers: { fake: reference(provider) } });
      const inner = await p.component("inner", { parent: outer.urn });
      const a = await p.resource("a", {}, { parent: inner.urn });
      await p.resource("b", {}, { parent: a.urn });
      const one = await p.resource("one", {}, { provider: reference(provider) });
      await p.resource("two", {}, { parent: one.urn });
      await p.resource("else", {}, { parent: one.urn, type: "other:index:R" });
    });
    const servedBy = (name: string): string | undefined => find(state, name).provider?.split("::").at(-2);
    assert.deepEqual(["a", "b", "two", "else"].map(servedBy), ["p", "p", "p", "default"]);
  });

  it("with an unknown configuration are not asked anything in a preview", async () => {
    const { state, cloud } = await up(program({ region: "eu" }));
    const second = new FakeCloud();
    let outputs: unknown;
    const { warnings, steps } = await preview(
      async (p) => {
        const provider = await p.resource("p", { region: UNKNOWN }, PROVIDER);
        await p.resource("a", { x: 1 }, { provider: reference(provider) });
        ({ outputs } = await p.resource("new", { x: 1 }, { provider: reference(provider) }));
      },
      { base: state, cloud: second },
    );
    assert.deepEqual(steps, ["update p", "update a", "create new"]);
    assert.deepEqual(second.calls, ["checkConfig p", "diffConfig p"]);
    assert.deepEqual(outputs, {});
    assert.match(
      warnings[0] ?? "",
      /^The provider for this resource has inputs that are not known during preview/,
    );
    assert.equal(cloud.world.size, 1);
  });

  it("that are unknown are an error", async () => {
    const { errors } = await up((p) => p.resource("a", {}, { provider: `${urn("p", PROVIDER.type)}::1` }));
    assert.equal(errors[0], `unknown provider '${urn("p", PROVIDER.type)}::1' for resource '${urn("a")}'`);
  });
});

describe("a provider started from the state while the program updates it", () => {
  it("gives way to the updated one", async () => {
    const started = gate();
    const cloud = new FakeCloud();
    const host: ProviderHost = {
      async load(descriptor) {
        const first = cloud.loaded === 0;
        const provider = await cloud.load(descriptor);
        if (first) await started.opened;
        return provider;
      },
      cancelAll: async () => {},
      closeAll: async () => {},
    };
    const builtin = await cloud.load({ name: "fake" });
    cloud.loaded = 0;
    const registry = new ProviderRegistry(host, builtin, false, () => {});
    const p = urn("p", PROVIDER.type);
    const resource = { urn: p, custom: true, type: PROVIDER.type, id: "1", inputs: { region: "eu" } };
    const old = registry.ensure(`${p}::1`, () => resource);
    const subject = { urn: p, type: PROVIDER.type, name: "p" };
    await registry.check(subject, { region: "eu" }, { region: "us" });
    await registry.update({ ...subject, id: "1" }, {}, {}, { region: "us" });
    started.open();
    assert.equal(await old, registry.get(`${p}::1`));
    assert.deepEqual([cloud.loaded, cloud.closed], [2, 1]);
  });
});

describe("invoke", () => {
  it("asks the provider, and tells it whether this is a preview", async () => {
    const goal = { token: "fake:index:get", args: { q: 1 }, version: "", pluginDownloadURL: "" };
    let result: unknown;
    const { cloud } = await preview(async (program) => {
      result = await program.deployment.invoke(goal);
    });
    assert.deepEqual(result, { result: { echo: { q: 1 } }, failures: [] });
    assert.deepEqual(cloud.received.get("invoke fake:index:get"), [{ q: 1 }, true]);
  });

  it("makes everything secret that a provider without secrets answers to a secret", async () => {
    const cloud = new FakeCloud({ acceptSecrets: false });
    const goal = {
      token: "fake:index:get",
      args: { q: makeSecret("x") },
      version: "",
      pluginDownloadURL: "",
    };
    let result: unknown;
    await up(
      async (program) => {
        ({ result } = await program.deployment.invoke(goal));
      },
      { cloud },
    );
    assert.deepEqual(cloud.received.get("invoke fake:index:get"), [{ q: "x" }, false]);
    assert.deepEqual(result, { echo: makeSecret({ q: "x" }) });
  });

  it("that fails tells the program, and the deployment goes on", async () => {
    const cloud = new FakeCloud();
    cloud.faults.set("invoke fake:index:get", () => Promise.reject(new Error("not found")));
    const goal = { token: "fake:index:get", args: {}, version: "", pluginDownloadURL: "" };
    const { result } = await up((program) => assert.rejects(program.deployment.invoke(goal), /not found/), {
      cloud,
    });
    assert.equal(result, "succeeded");
  });

  it("finds resources of this run by URN", async () => {
    const get = (program: Program, of: string) =>
      program.deployment.invoke({
        token: "pulumi:pulumi:getResource",
        args: { urn: of },
        version: "",
        pluginDownloadURL: "",
      });
    let result: unknown;
    const { state } = await up(async (program) => {
      const a = await program.resource("a", { x: 1 });
      ({ result } = await get(program, a.urn));
      await assert.rejects(get(program, urn("nobody")), /unknown resource urn:.*::nobody/);
    });
    const { provider } = find(state, "a");
    assert.deepEqual(result, { urn: urn("a"), id: "a-1", provider, state: { x: 1, made: "a" } });
    assert.deepEqual(listed(state), ["a a-1"]);
  });
});
