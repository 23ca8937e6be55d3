import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, createServer } from "node:http";
import { type AddressInfo, type Socket, connect, createServer as createRelay } from "node:net";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { version } from "../../provider/package.json";
import { UNKNOWN, makeSecret } from "../../engine/values";
import { stampOf } from "../../policy/stamp";
import { Plugin, struct, urn } from "./support/plugin";
import { eventually } from "./support/rig";

const releaseType = "slipway:index:Release";
const rolloutType = "slipway:index:Rollout";
const smokeTestType = "slipway:index:SmokeTest";
const release = {
  ...{
    service: "sample",
    version: "1.4.0",
    environment: "local",
    commit: "0123456789abcdef".repeat(3).slice(0, 40),
  },
  ...{ images: { app: `sha256:${"0".repeat(64)}` }, evidence: ["{}"], rollback: false },
};
const rollout = {
  ...{ gateway: "g", service: "sample", pathPrefix: "/", version: "2.0.0" },
  ...{ strategy: { kind: "direct" }, smokeTest: "sample-2.0.0" },
  ...{ environment: "local", history: "history.jsonl" },
};

describe("the plugin", () => {
  let plugin: Plugin;
  before(async () => {
    plugin = await Plugin.start();
  });
  after(() => plugin.stop());

  it("introduces itself: secrets are understood, and its version", async () => {
    const { client } = plugin;
    const handshake = await plugin.call<proto.ProviderHandshakeRequest, proto.ProviderHandshakeResponse>(
      (...args) => client.handshake(...args),
      new proto.ProviderHandshakeRequest(),
    );
    assert.deepEqual(handshake.toObject(), {
      ...{ acceptSecrets: true, acceptResources: false, acceptOutputs: false },
      supportsAutonamingConfiguration: false,
    });
    const info = await plugin.call<Empty, PluginInfo>(
      (...args) => client.getPluginInfo(...args),
      new Empty(),
    );
    assert.equal(info.getVersion(), version);
    const configured = await plugin.call<proto.ConfigureRequest, proto.ConfigureResponse>(
      (...args) => client.configure(...args),
      new proto.ConfigureRequest(),
    );
    assert.equal(configured.getSupportspreview(), true);
  });

  it("checks inputs, and hands secrets and unknowns on as they came", async () => {
    const inputs = { ...release, evidence: makeSecret(["{}"]), version: UNKNOWN };
    assert.deepEqual(await plugin.check(releaseType, inputs), { inputs, failures: [] });
    const { failures } = await plugin.check(releaseType, { ...release, environment: "Local" });
    assert.deepEqual(failures, [
      {
        property: "environment",
        reason: 'environment is "Local"; allowed: an environment\'s name, such as "staging"',
      },
    ]);
  });

  it("tells a change in detail", async () => {
    const request = new proto.DiffRequest()
      .setUrn(urn(rolloutType))
      .setOldInputs(struct(rollout))
      .setOlds(struct({ ...rollout, live: "2.0.0" }))
      .setNews(struct({ ...rollout, version: "3.0.0", gateway: "h" }));
    const diff = await plugin.call<proto.DiffRequest, proto.DiffResponse>(
      (...args) => plugin.client.diff(...args),
      request,
    );
    assert.equal(diff.getChanges(), proto.DiffResponse.DiffChanges.DIFF_SOME);
    assert.equal(diff.getHasdetaileddiff(), true);
    assert.deepEqual(diff.getReplacesList(), ["gateway"]);
    const { UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
    assert.deepEqual(diff.toObject().detaileddiffMap, [
      ["gateway", { kind: UPDATE_REPLACE, inputdiff: true }],
      ["version", { kind: UPDATE, inputdiff: true }],
    ]);
  });

  it("previews a shift without touching anything: what will be live is known", async () => {
    assert.deepEqual(await plugin.create(rolloutType, rollout, { preview: true }), {
      id: "",
      properties: { ...rollout, live: "2.0.0" },
    });
  });

  it("creates a release with the pack's stamp, its secrets still wrapped in the state; none without, nor in preview", async () => {
    await assert.rejects(plugin.create(releaseType, release), { details: /^No policy pack has judged/ });
    await assert.rejects(plugin.create(releaseType, release, { preview: true }), {
      details: /^No policy pack has judged/,
    });
    const inputs = { ...release, evidence: makeSecret(["{}"]), stamp: stampOf(release) };
    assert.deepEqual(await plugin.create(releaseType, inputs), {
      id: "sample-1.4.0-0123456789ab",
      properties: inputs,
    });
  });

  it("answers a fault in one plain sentence", async () => {
    await assert.rejects(plugin.create("slipway:index:Nothing", {}), ({ details }: { details: string }) => {
      assert.match(
        details,
        /^slipway:index:Nothing is no resource of this provider; it has slipway:index:Release, /,
      );
      return true;
    });
  });

  describe("while it waits for an answer that never comes", () => {
    let plugin: Plugin;
    const silent = createServer();
    let smokeTest: Parameters<Plugin["create"]>[1];
    let asked: Promise<unknown>;
    beforeEach(async () => {
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      plugin = await Plugin.start();
      asked = once(silent, "request");
      smokeTest = {
        ...{ gatewayUrl: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, service: "sample" },
        ...{ version: "1.4.0", checks: [{ path: "/", status: 200 }], timeoutSeconds: 60, backend: "b" },
      };
    });
    afterEach(async () => {
      await plugin.stop();
      silent.closeAllConnections();
      silent.close();
    });
    const cancelled = { details: "Cancelled; everything is as it was before." };

    it("is cancelled at once, and does not begin anything after that", async () => {
      const created = plugin.create(smokeTestType, smokeTest);
      await asked;
      const cancel = plugin.call<Empty, Empty>((...args) => plugin.client.cancel(...args), new Empty());
      await assert.rejects(created, cancelled);
      await cancel;
      await assert.rejects(plugin.create(smokeTestType, smokeTest), cancelled);
    });

    it("answers its calls before it ends at SIGINT", async () => {
      const created = plugin.create(smokeTestType, smokeTest);
      await asked;
      plugin.process.kill("SIGINT");
      await assert.rejects(created, cancelled);
      await once(plugin.process, "exit");
      assert.equal(plugin.process.exitCode, 0);
    });

    it("keeps to the resource's own timeout", async () => {
      await assert.rejects(plugin.create(smokeTestType, smokeTest, { timeout: 1 }), {
        details: "Not done within 1 s, the resource's customTimeouts.",
      });
    });

    it("gives up what an engine asked for that went away", async () => {
      const connections: Socket[] = [];
      const relay = createRelay((engine) => {
        const onward = connect(plugin.port, "127.0.0.1");
        connections.push(engine, onward);
        engine.pipe(onward).pipe(engine);
      });
      await once(relay.listen(0, "127.0.0.1"), "listening");
      const engine = plugin.at((relay.address() as AddressInfo).port);
      engine.create(smokeTestType, smokeTest).catch(() => undefined);
      const [request] = (await asked) as [IncomingMessage];
      const givenUp = once(request.socket, "close");
      for (const connection of connections) connection.destroy();
      await givenUp;
      engine.client.close();
      relay.close();
    });
  });

  it("ends when the engine was killed", async () => {
    // A shell in the engine's place: it starts the plugin, tells its process id, and is killed.
    const engine = spawn("sh", [
      "-c",
      `"${process.execPath}" --import tsx provider/index.ts & echo $!; wait`,
    ]);
    const output: string[] = [];
    engine.stdout.on("data", (chunk: Buffer) => output.push(...chunk.toString().trim().split("\n")));
    await eventually("the plugin tells its port", async () => output.length === 2);
    engine.kill("SIGKILL");
    const alive = () => process.kill(Number(output[0]), 0);
    await eventually("the plugin has ended", async () => {
      try {
        return !alive();
      } catch {
        return true;
      }
    });
  });
});
