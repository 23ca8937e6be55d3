import assert from "node:assert/strict";
import { rollout } from "../../../provider/resources/rollout";
import { FakeGateway, contextOf } from "../support/fake-gateway";
import {
  asProperties,
  gatewayAtOne,
  rolloutInputs as inputs,
  rolloutState as state,
  routesOf,
} from "../support/rollout";

describe("Rollout", () => {
  it("is read as what the gateway routes by; a route in the middle is drift, whichever end was asked for", async () => {
    const gateway = gatewayAtOne();
    const seen = async (version: string) => {
      const read = await rollout.read(state(version), contextOf(gateway));
      return [read?.version, read?.live, rollout.drift?.({ version }, asProperties({ ...read }))];
    };
    assert.deepEqual(await seen("1.0.0"), ["1.0.0", "1.0.0", []]);
    gateway.routes.set("sample", "1.0.0|2.0.0|25|sticky");
    assert.deepEqual(await seen("1.0.0"), ["2.0.0", "1.0.0", ["version"]]);
    assert.deepEqual(await seen("2.0.0"), ["1.0.0", "1.0.0", ["version"]]);
    gateway.routes.set("sample", "1.0.0|2.0.0|0");
    assert.deepEqual(await seen("1.0.0"), ["1.0.0", "1.0.0", []]);
    gateway.routes.delete("sample");
    assert.equal(await rollout.read(state("1.0.0"), contextOf(gateway)), undefined);
  });

  it("keeps its outputs when it is read", async () => {
    const { live, previous, shiftedAt, shiftMilliseconds, steps, plan } = state("1.0.0");
    const read = await rollout.read(state("1.0.0"), contextOf(gatewayAtOne()));
    assert.deepEqual(read, { version: "1.0.0", live, previous, shiftedAt, shiftMilliseconds, steps, plan });
  });

  it("foresees in a preview what will be live, what was before, and the steps", () => {
    assert.deepEqual(rollout.foresee?.(asProperties(inputs("1.0.0")), undefined), { live: "1.0.0" });
    const canary = { kind: "canary", steps: [25, 100] };
    assert.deepEqual(rollout.foresee?.({ version: "2.0.0", strategy: canary }, { live: "1.0.0" }), {
      ...{ live: "2.0.0", previous: "1.0.0" },
      plan: ["25 % of the traffic to 2.0.0, 60 s of bake", "100 % of the traffic to 2.0.0, 60 s of bake"],
    });
    const back = { version: "2.0.0", strategy: canary, rollback: true };
    assert.deepEqual(rollout.foresee?.(back, { live: "3.0.0" })["plan"], ["all traffic to 2.0.0"]);
    const rolling = { version: "2.0.0", strategy: { kind: "rolling" } };
    assert.deepEqual(rollout.foresee?.(rolling, { live: "1.0.0" })["plan"], [
      "the traffic of one replica of 1.0.0 after the other to 2.0.0",
    ]);
  });

  it("foresees that nothing changes when the version is live", () => {
    const { live, previous, shiftedAt, shiftMilliseconds, steps, plan } = state("1.0.0");
    assert.deepEqual(rollout.foresee?.(asProperties(inputs("1.0.0")), asProperties(state("1.0.0"))), {
      ...{ live, previous, shiftedAt, shiftMilliseconds, steps, plan },
    });
  });

  it("foresees no more than is known", () => {
    const unknown = rollout.foresee?.({ strategy: { kind: "direct" } }, { live: "1.0.0" });
    assert.deepEqual(unknown, { live: null, previous: "1.0.0" });
  });

  it("takes the service off the gateway", async () => {
    const gateway = gatewayAtOne();
    await rollout.delete(state("1.0.0"), contextOf(gateway));
    assert.deepEqual([...gateway.paths, ...gateway.routes], []);
    assert.deepEqual(routesOf(gateway), [undefined, undefined]);
    await rollout.delete(state("1.0.0"), contextOf(new FakeGateway()));
  });
});
