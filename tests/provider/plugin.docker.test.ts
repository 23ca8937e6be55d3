import assert from "node:assert/strict";
import { Plugin } from "./support/plugin";
import { Rig, eventually } from "./support/rig";

describe("the plugin on a real gateway", function () {
  this.timeout(240_000);
  let rig: Rig;
  let plugin: Plugin;
  before(async () => {
    rig = await Rig.start();
    plugin = await Plugin.start();
  });
  after(async () => {
    await plugin.stop();
    await rig.stop();
  });

  it("takes a version out again when SIGINT comes while it warms up, before the error surfaces", async () => {
    const container = await rig.server("cancelled", ["VERSION=1.0.0", "SICK=1"]);
    const inputs = { ...rig.backend("sample", "1.0.0", container), readyTimeoutSeconds: 600 };
    const created = plugin.create("slipway:index:Backend", inputs);
    const gateway = rig.context.openGateway(rig.gateway);
    const failure = assert.rejects(created, { details: "Cancelled; everything is as it was before." });
    await eventually(
      "the version is in the gateway",
      async () => (await gateway.servers("sample-1.0.0")).length === 1,
    );
    plugin.process.kill("SIGINT");
    await failure;
    assert.deepEqual(await gateway.readBackends(), []);
    assert.deepEqual(await gateway.servers("sample-1.0.0"), []);
  });
});
