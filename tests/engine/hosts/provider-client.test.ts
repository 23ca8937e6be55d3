import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { InitError } from "../../../engine/deploy/context";
import { PluginHost } from "../../../engine/hosts/plugin-host";
import type { Provider } from "../../../engine/model";
import { ASSET, RESOURCE, SIG, UNKNOWN, makeSecret } from "../../../engine/values";
import type { Properties } from "../../../engine/values";
import { EventLog, fixture, readLines, temporaryDirectory } from "./support";

const urn = "urn:pulumi:s::p::tst:index:Thing::it";
const thing = { urn, type: "tst:index:Thing", name: "it" };
const it_ = { ...thing, id: "its-id" };
const configuration = {
  urn: "urn:pulumi:s::p::pulumi:providers:tst::default",
  type: "pulumi:providers:tst",
  name: "default",
};
const seed = Buffer.from("seed");

describe("engine/hosts/provider-client", function () {
  this.timeout(240_000);
  const directory = temporaryDirectory();
  const hosts: PluginHost[] = [];
  let recording = "";

  /** A plugin of its own for each test that may end it, which records in a file of its own. */
  async function start(environment: NodeJS.ProcessEnv = {}): Promise<Provider> {
    recording = join(directory.path, `${hosts.length}.jsonl`);
    rmSync(recording, { force: true });
    const host = new PluginHost({
      engineAddress: "127.0.0.1:1",
      project: "p",
      projectRoot: fixture("program-plain"),
      programDirectory: fixture("program-plain"),
      runtime: { name: "nodejs", options: {} },
      config: new Map(),
      plugins: [{ name: "tst", path: fixture("plugin-recorder") }],
      builtin: {},
      events: new EventLog().sink,
    });
    hosts.push(host);
    const before = { ...process.env };
    Object.assign(process.env, { RECORDER_LOG: recording, ...environment });
    try {
      return await host.load({ name: "tst" });
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    }
  }
  const requests = (): Record<string, unknown>[] => readLines(recording);
  const last = (): Record<string, unknown> | undefined => requests().at(-1);

  after(() => Promise.all(hosts.map((host) => host.closeAll())));

  describe("with a plugin that answers Configure only", () => {
    let provider: Provider;
    before(async () => {
      provider = await start();
    });

    it("shakes hands first", () => {
      const path = fixture("plugin-recorder");
      assert.deepEqual(requests(), [
        {
          method: "handshake",
          engineAddress: "127.0.0.1:1",
          rootDirectory: path,
          programDirectory: path,
          configureWithUrn: true,
          supportsViews: false,
          supportsRefreshBeforeUpdate: true,
          invokeWithPreview: true,
        },
      ]);
    });

    it("checks and diffs configuration without secrets, and takes a missing DiffConfig for not knowing", async () => {
      const news = { region: "us", key: makeSecret("k"), of: { [SIG]: RESOURCE, urn, id: "i" } };
      const checked = await provider.checkConfig(configuration, {}, news);
      const bare = { region: "us", key: "k", of: "i" };
      assert.deepEqual(checked, { inputs: bare, failures: [] });
      assert.deepEqual(last(), {
        method: "checkConfig",
        ...configuration,
        olds: {},
        news: bare,
        randomseed: "",
      });
      assert.deepEqual(await provider.diffConfig(configuration, news, news, news, ["region"]), {
        changes: "unknown",
        replaces: [],
        deleteBeforeReplace: false,
        diffs: [],
      });
      assert.deepEqual(last(), {
        method: "diffConfig",
        ...configuration,
        id: "",
        oldInputs: bare,
        olds: bare,
        news: bare,
        ignorechangesList: ["region"],
      });
    });

    it("configures with secrets marked, and plainly under the old names, and learns what the plugin takes", async () => {
      assert.deepEqual(
        [provider.acceptSecrets, provider.acceptResources, provider.supportsPreview],
        [false, false, false],
      );
      const inputs = { region: "us", key: makeSecret("k"), list: ["a"], version: "1.2.3" };
      await provider.configure({ ...configuration, id: "uuid" }, inputs);
      assert.deepEqual(last(), {
        method: "configure",
        ...configuration,
        id: "uuid",
        args: inputs,
        variablesMap: [
          ["tst:config:key", "k"],
          ["tst:config:list", '["a"]'],
          ["tst:config:region", "us"],
        ],
        acceptsecrets: true,
        acceptresources: true,
        sendsOldInputs: true,
        sendsOldInputsToDelete: true,
      });
      assert.deepEqual(
        [provider.acceptSecrets, provider.acceptResources, provider.supportsPreview],
        [true, true, true],
      );
    });

    it("passes on what a check finds", async () => {
      const result = await provider.check(thing, {}, { size: -1, later: UNKNOWN }, seed);
      assert.deepEqual(result, {
        inputs: { size: -1, later: UNKNOWN },
        failures: [{ property: "size", reason: "must not be negative" }],
      });
      assert.deepEqual(last(), {
        method: "check",
        ...thing,
        olds: {},
        news: { size: -1, later: UNKNOWN },
        randomseed: seed.toString("base64"),
      });
    });

    it("passes on a diff in full, and keeps the contents of assets out of it", async () => {
      const asset = { [SIG]: ASSET, hash: "h", text: "long" };
      const olds = { shape: "round", size: 1, asset };
      const diff = await provider.diff(
        it_,
        olds,
        { ...olds, result: "r" },
        { shape: "square", size: 2, asset },
        ["size"],
      );
      assert.deepEqual(diff, {
        changes: "some",
        replaces: ["shape"],
        deleteBeforeReplace: false,
        diffs: ["shape", "size"],
        detailedDiff: {
          shape: { kind: "update-replace", inputDiff: true },
          size: { kind: "update", inputDiff: true },
        },
      });
      const elided = { [SIG]: ASSET, hash: "h" };
      assert.deepEqual(last(), {
        method: "diff",
        ...it_,
        oldInputs: { shape: "round", size: 1, asset: elided },
        olds: { shape: "round", size: 1, asset: elided, result: "r" },
        news: { shape: "square", size: 2, asset: elided },
        ignorechangesList: ["size"],
      });
      assert.equal((await provider.diff(it_, olds, olds, olds, [])).changes, "none");
    });

    it("creates with marked secrets and whole assets, unknowns only in a preview", async () => {
      const inputs: Properties = {
        secret: makeSecret("s"),
        asset: { [SIG]: ASSET, hash: "h", text: "long" },
        later: UNKNOWN,
      };
      const known = { ...inputs };
      delete known["later"];
      assert.deepEqual(await provider.create(thing, inputs, 300, false), {
        id: "id-of-it",
        properties: { ...known, result: "made it" },
        refreshBeforeUpdate: false,
      });
      const sent = { method: "create", ...thing, resourceStatusAddress: "", resourceStatusToken: "" };
      assert.deepEqual(last(), { ...sent, properties: known, timeout: 300, preview: false });
      const previewed = await provider.create(thing, inputs, 0, true);
      assert.deepEqual(previewed, {
        id: "",
        properties: { ...inputs, result: "made it" },
        refreshBeforeUpdate: false,
      });
      assert.deepEqual(last(), { ...sent, properties: inputs, timeout: 0, preview: true });
    });

    it("updates and deletes with what was", async () => {
      const [olds, outputs, news] = [{ size: 1 }, { size: 1, result: "r" }, { size: 2 }];
      assert.deepEqual(await provider.update(it_, olds, outputs, news, 90, ["shape"], false), {
        properties: { size: 2, result: "updated" },
        refreshBeforeUpdate: false,
      });
      const rest = { resourceStatusAddress: "", resourceStatusToken: "", oldViewsList: [] };
      assert.deepEqual(last(), {
        method: "update",
        ...it_,
        ...rest,
        oldInputs: olds,
        olds: outputs,
        news,
        timeout: 90,
        ignorechangesList: ["shape"],
        preview: false,
      });
      await provider.delete(it_, olds, outputs, 60);
      assert.deepEqual(last(), {
        method: "delete",
        ...it_,
        ...rest,
        oldInputs: olds,
        properties: outputs,
        timeout: 60,
      });
    });

    it("reads, gives echoed assets their contents back, and tells when the resource is gone", async () => {
      const asset = { [SIG]: ASSET, hash: "h", text: "long" };
      const read = await provider.read(it_, { asset }, { asset, result: "r" });
      assert.deepEqual(read, { id: "its-id", inputs: { asset }, properties: { asset, result: "r" } });
      const sent = last();
      assert.deepEqual(sent?.["inputs"], { asset: { [SIG]: ASSET, hash: "h" } });
      assert.deepEqual(await provider.read({ ...it_, id: "gone" }, undefined, undefined), {
        id: "",
        properties: {},
      });
      assert.equal(last()?.["inputs"], undefined);
    });

    it("invokes", async () => {
      const answer = await provider.invoke("tst:index:find", { name: "n", later: UNKNOWN }, true);
      assert.deepEqual(answer, { result: { echoed: { name: "n" } }, failures: [] });
      assert.deepEqual(last(), {
        method: "invoke",
        tok: "tst:index:find",
        args: { name: "n" },
        preview: true,
      });
    });

    it("tells what the plugin says went wrong, in its own words", async () => {
      await assert.rejects(provider.create(thing, { fault: "plain" }, 0, false), {
        message: "the name is taken",
      });
      await assert.rejects(provider.create(thing, { fault: "no-id" }, 0, false), {
        message: `the provider plugin "tst" answered the creation of ${urn} without an id`,
      });
    });

    it("tells a resource that exists but did not become ready from one that does not", async () => {
      const failed = await provider
        .create(thing, { fault: "init" }, 0, false)
        .catch((error: unknown) => error);
      assert.ok(failed instanceof InitError);
      const { id, properties, reasons, inputs } = failed;
      assert.deepEqual(
        [id, properties, reasons, inputs],
        ["half-made", { fault: "init", ready: false }, ["not ready", "gave up"], undefined],
      );
    });

    it("says which configuration is missing and how to set it", async () => {
      await assert.rejects(provider.configure({ ...configuration, id: "uuid" }, { region: "missing" }), {
        message:
          'missing required configuration key "tst:region": where it is\nSet a value using the command `pulumi config set tst:region <value>`.',
      });
    });
  });

  it("believes a handshake, not Configure", async () => {
    const provider = await start({ RECORDER_HANDSHAKE: "1" });
    await provider.configure({ ...configuration, id: "uuid" }, {});
    assert.deepEqual(
      [provider.acceptSecrets, provider.acceptResources, provider.supportsPreview],
      [false, false, true],
    );
    const reference = { [SIG]: RESOURCE, urn, id: "i" };
    await provider.create(thing, { secret: makeSecret("s"), reference }, 0, false);
    assert.deepEqual(last()?.["properties"], { secret: "s", reference: "i" });
  });

  it("tells a plugin that dies while it works, with its last words", async () => {
    const provider = await start();
    await provider.configure({ ...configuration, id: "uuid" }, {});
    await assert.rejects(provider.create(thing, { fault: "die" }, 0, false), {
      message:
        `the provider plugin "tst" ended when asked to create ${urn} (exit code 3). Its last output:\n` +
        "  serving\n  giving up: the disk is gone",
    });
    await assert.rejects(provider.read(it_, {}, {}), /ended when asked to read .* \(exit code 3\)/);
  });

  it("cancels before it ends the plugin, and ends it", async () => {
    const provider = await start();
    await provider.close();
    assert.equal(last()?.["method"], "cancel");
    await assert.rejects(
      provider.invoke("tst:index:find", {}, false),
      /ended when asked to invoke tst:index:find/,
    );
    await provider.close();
  });

  it("refuses a plugin that says something else than its port", async () => {
    await assert.rejects(start({ RECORDER_GREETING: "hello" }), {
      message:
        'the provider plugin "tst" must print the port it serves on as its first line, but printed: hello',
    });
  });
});
