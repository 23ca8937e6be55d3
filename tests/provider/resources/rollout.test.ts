import assert from "node:assert/strict";
import { rollout } from "../../../provider/resources/rollout";
import type { RolloutInputs } from "../../../provider/schema/rollout";
import { FakeGateway, contextOf } from "../support/fake-gateway";

function inputs(version: string): RolloutInputs {
  const strategy = { kind: "direct" as const };
  return { gateway: "g", service: "sample", pathPrefix: "/", version, strategy, smokeTest: "s" };
}
const state = (version: string) => ({
  ...inputs(version),
  ...{ live: version, shiftedAt: "2026-01-01T00:00:00.000Z", shiftMilliseconds: 7 },
});

/** A gateway with versions 1.0.0 and 2.0.0, the first one live. */
function gatewayAtOne(): FakeGateway {
  const gateway = new FakeGateway();
  gateway.backends = ["1.0.0", "2.0.0"].map((version) => ({
    ...{ service: "sample", version, healthPath: "/healthz" },
    servers: [{ name: "s1", container: `sample-${version}`, port: 8080 }],
  }));
  gateway.paths.set("/", "sample");
  gateway.routes.set("sample", "1.0.0|-|0");
  gateway.persisted = { paths: new Map(gateway.paths), routes: new Map(gateway.routes) };
  return gateway;
}
const live = (gateway: FakeGateway) => [gateway.routes.get("sample"), gateway.persisted.routes.get("sample")];

describe("Rollout", () => {
  it("shifts by one command, confirms, then persists", async () => {
    const gateway = gatewayAtOne();
    await rollout.update(inputs("2.0.0"), state("1.0.0"), contextOf(gateway));
    assert.deepEqual(gateway.calls, [
      ...["locked", "readMaps", "servers"],
      ...["setEntry sample 2.0.0|-|0", "persistMaps"],
    ]);
    assert.deepEqual(live(gateway), ["2.0.0|-|0", "2.0.0|-|0"]);
  });

  it("keeps the old route when the gateway does not take the new one", async () => {
    const gateway = gatewayAtOne();
    const setEntry = gateway.setEntry.bind(gateway);
    gateway.setEntry = async (map, key, value) =>
      value === "2.0.0|-|0" ? new Map([["sample", "1.0.0|-|0"]]) : setEntry(map, key, value);
    await assert.rejects(rollout.update(inputs("2.0.0"), state("1.0.0"), contextOf(gateway)), {
      message: "The gateway did not take routes sample = 2.0.0|-|0: it says 1.0.0|-|0.",
    });
    assert.deepEqual(live(gateway), ["1.0.0|-|0", "1.0.0|-|0"]);
  });

  it("puts the old route back when the shift cannot be persisted, and says when that fails too", async () => {
    const gateway = gatewayAtOne();
    let failures = 1;
    gateway.before = (call) => {
      if (call === "persistMaps" && failures-- > 0) throw new Error("The volume is full.");
    };
    const update = () => rollout.update(inputs("2.0.0"), state("1.0.0"), contextOf(gateway));
    await assert.rejects(update(), { message: "The volume is full." });
    assert.deepEqual(live(gateway), ["1.0.0|-|0", "1.0.0|-|0"]);
    failures = 2;
    await assert.rejects(update(), {
      message: "The volume is full.\nPutting back what was there before failed too: The volume is full.",
    });
    assert.deepEqual(live(gateway), ["1.0.0|-|0", "1.0.0|-|0"]);
  });

  it("restores the route, path included, when it is cancelled in the middle", async () => {
    const gateway = gatewayAtOne();
    const cancel = new AbortController();
    gateway.before = (call) => {
      if (call === "setEntry") cancel.abort(new Error("Cancelled."));
    };
    const moved = { ...inputs("2.0.0"), pathPrefix: "/new" };
    await assert.rejects(rollout.update(moved, state("1.0.0"), contextOf(gateway, cancel.signal)), {
      message: "Cancelled.",
    });
    assert.deepEqual(live(gateway), ["1.0.0|-|0", "1.0.0|-|0"]);
    assert.deepEqual([...gateway.paths], [["/", "sample"]]);
  });

  it("touches nothing when it was cancelled before the shift", async () => {
    const gateway = gatewayAtOne();
    const signal = AbortSignal.abort(new Error("Cancelled."));
    await assert.rejects(rollout.update(inputs("2.0.0"), state("1.0.0"), contextOf(gateway, signal)), {
      message: "Cancelled.",
    });
    assert.ok(!gateway.calls.some((call) => call.startsWith("setEntry")));
  });

  it("gives no traffic to a version without a healthy server", async () => {
    const gateway = gatewayAtOne();
    gateway.down.add("sample-2.0.0/s1");
    await assert.rejects(rollout.update(inputs("2.0.0"), state("1.0.0"), contextOf(gateway)), {
      message:
        "No server of sample-2.0.0 is healthy (s1 is DOWN), so it gets no traffic. What was live before is still live.",
    });
  });

  it("records a shift that was made before and not recorded, without making it again", async () => {
    const gateway = gatewayAtOne();
    gateway.routes.set("sample", "2.0.0|-|0");
    const outputs = await rollout.update(inputs("2.0.0"), state("1.0.0"), contextOf(gateway));
    assert.deepEqual(outputs, {
      ...{ live: "2.0.0", previous: "1.0.0" },
      ...{ shiftedAt: "2026-01-01T00:00:00.000Z", shiftMilliseconds: 7 },
    });
    assert.deepEqual(live(gateway), ["2.0.0|-|0", "2.0.0|-|0"]);
  });

  it("takes all traffic back from a candidate that has some", async () => {
    const gateway = gatewayAtOne();
    gateway.routes.set("sample", "1.0.0|2.0.0|50");
    await rollout.update(inputs("1.0.0"), state("1.0.0"), contextOf(gateway));
    assert.deepEqual(live(gateway), ["1.0.0|-|0", "1.0.0|-|0"]);
  });

  it("foresees in a preview what will be live and what was before", () => {
    assert.deepEqual(rollout.foresee?.({ version: "1.0.0" }, undefined), { live: "1.0.0" });
    assert.deepEqual(rollout.foresee?.({ version: "2.0.0" }, { live: "1.0.0" }), {
      live: "2.0.0",
      previous: "1.0.0",
    });
  });
});
