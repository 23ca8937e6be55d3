import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { engineService } from "../../engine/hosts/engine-service";
import type { EngineEvent } from "../../engine/model";
import { openEngineLog } from "../../provider/engine-log";
import { eventually } from "./support/rig";

const urn = "urn:pulumi:local::slipway::slipway:index:Rollout::sample";

describe("the engine's log", () => {
  it("gets what an operation says as information about its resource; what is passing does not stay", async () => {
    const events: EngineEvent[] = [];
    const engine = new grpc.Server();
    engine.addService(
      EngineService,
      engineService((event) => void events.push(event)),
    );
    const port = await new Promise<number>((resolve, reject) => {
      const credentials = grpc.ServerCredentials.createInsecure();
      engine.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    const tell = openEngineLog(`127.0.0.1:${port}`);
    tell({ urn, message: "canary 5 %: 12 of 60 s", passing: true });
    await eventually("the first message is there", async () => events.length === 1);
    tell({ urn, message: "canary 5 %: passed", passing: false });
    await eventually("the second message is there", async () => events.length === 2);
    const told = { kind: "diagnostic", severity: "info", urn, streamId: 0 };
    assert.deepEqual(events, [
      { ...told, message: "canary 5 %: 12 of 60 s", ephemeral: true },
      { ...told, message: "canary 5 %: passed", ephemeral: false },
    ]);
    engine.forceShutdown();
  });

  it("is silent without an engine, and minds none that is gone", () => {
    for (const address of [undefined, "127.0.0.1:1"]) {
      assert.doesNotThrow(() => openEngineLog(address)({ urn, message: "", passing: false }));
    }
  });
});
