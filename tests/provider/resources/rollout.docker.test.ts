import assert from "node:assert/strict";
import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { backend } from "../../../provider/resources/backend";
import { rollout } from "../../../provider/resources/rollout";
import { smokeTest } from "../../../provider/resources/smoke-test";
import { Rig } from "../support/rig";
import { asProperties } from "../support/rollout";

const past = { shiftedAt: "2026-01-01T00:00:00.000Z", shiftMilliseconds: 5, steps: [], plan: [] };
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe("Rollout on a real gateway", function () {
  this.timeout(240_000);
  let rig: Rig;
  before(async () => {
    rig = await Rig.start();
  });
  after(() => rig.stop());

  async function bring(service: string, version: string) {
    const container = await rig.server(`${service}-${version}`, [`VERSION=${version}`]);
    await backend.create(rig.backend(service, version, container), rig.context);
  }
  const versionAt = async (path: string) => (await rig.get(path)).body.split(" ")[0];
  const routes = () => rig.inGateway("cat", "/var/lib/gateway/routes.map", "/var/lib/gateway/paths.map");

  it("moves all traffic in one step, and a restarted gateway still has the route", async () => {
    await bring("sample", "1.0.0");
    await bring("sample", "2.0.0");
    const first = rig.rollout("sample", "1.0.0");
    const created = await rollout.create(first, rig.context);
    assert.equal(created.live, "1.0.0");
    assert.equal(created.previous, null);
    assert.match(created.shiftedAt, iso);
    assert.equal(await versionAt("/"), "version=1.0.0");

    const updated = await rollout.update(
      rig.rollout("sample", "2.0.0"),
      { ...first, ...created },
      rig.context,
    );
    assert.equal(updated.live, "2.0.0");
    assert.equal(updated.previous, "1.0.0");
    assert.ok(updated.shiftMilliseconds > 0 && updated.shiftMilliseconds < 5000);
    assert.equal(await versionAt("/"), "version=2.0.0");
    assert.equal(await routes(), "sample 2.0.0|-|0\n/ sample\n");

    await rig.restartGateway();
    assert.equal(await versionAt("/"), "version=2.0.0");
    const read = await rollout.read({ ...rig.rollout("sample", "2.0.0"), ...updated }, rig.context);
    assert.deepEqual(read, { version: "2.0.0", ...updated });
  });

  it("starts a gateway that somebody stopped, and finds its routes there", async () => {
    await rig.kill(rig.gateway);
    const gateway = rig.context.openGateway(rig.gateway);
    assert.equal((await gateway.readMaps()).routes.get("sample"), "2.0.0|-|0");
    await rig.awaitGateway();
    assert.equal(await versionAt("/"), "version=2.0.0");
  });

  it("sees a route that somebody else moved, and moves it back", async () => {
    const gateway = rig.context.openGateway(rig.gateway);
    await gateway.setEntry("routes", "sample", "1.0.0|-|0");
    const state = {
      ...rig.rollout("sample", "2.0.0"),
      ...{ live: "2.0.0", previous: "1.0.0", ...past },
    };
    const seen = await rollout.read(state, rig.context);
    assert.equal(seen?.live, "1.0.0");
    assert.deepEqual(rollout.drift?.({ version: "2.0.0" }, asProperties({ ...seen })), ["version"]);
    const updated = await rollout.update(rig.rollout("sample", "2.0.0"), { ...state, ...seen }, rig.context);
    assert.deepEqual([updated.live, updated.previous], ["2.0.0", "1.0.0"]);
    assert.equal(await versionAt("/"), "version=2.0.0");
  });

  it("a reload keeps a shift that was not written to the volume yet", async () => {
    const gateway = rig.context.openGateway(rig.gateway);
    await gateway.setEntry("routes", "sample", "1.0.0|-|0");
    await bring("sample", "3.0.0");
    assert.equal(await versionAt("/"), "version=1.0.0");
    assert.equal(await routes(), "sample 1.0.0|-|0\n/ sample\n");
  });

  it("tests a version before it has any route, then two services roll out side by side", async () => {
    const deploy = async (service: string) => {
      await bring(service, "1.0.0");
      const checks = [
        { path: "/", status: 200, bodyIncludes: "version=1.0.0" },
        { path: "/healthz", status: 200 },
      ];
      const tested = await smokeTest.create(
        {
          ...{ gatewayUrl: rig.url, service, version: "1.0.0", checks, timeoutSeconds: 20 },
          backend: `${service}-1.0.0`,
        },
        rig.context,
      );
      assert.deepEqual(
        tested.results.map(({ path, status }) => ({ path, status })),
        [
          { path: "/", status: 200 },
          { path: "/healthz", status: 200 },
        ],
      );
      return rollout.create(rig.rollout(service, "1.0.0", `/${service}`), rig.context);
    };
    await Promise.all([deploy("left"), deploy("right")]);
    assert.equal(await versionAt("/left/x"), "version=1.0.0");
    assert.equal(await versionAt("/right"), "version=1.0.0");
    const backends = await rig.context.openGateway(rig.gateway).readBackends();
    assert.deepEqual(backends.map(({ service, version }) => `${service}-${version}`).sort(), [
      "left-1.0.0",
      "right-1.0.0",
      "sample-1.0.0",
      "sample-2.0.0",
      "sample-3.0.0",
    ]);
    assert.equal(
      await routes(),
      "left 1.0.0|-|0\nright 1.0.0|-|0\nsample 1.0.0|-|0\n/ sample\n/left/ left\n/right/ right\n",
    );
  });

  it("leaves a path alone that belongs to another service, and a version without a backend", async () => {
    await assert.rejects(rollout.create(rig.rollout("left", "1.0.0", "/right"), rig.context), {
      message:
        "The path /right belongs to the service right on this gateway. Give left another pathPrefix, or remove right's " +
        "Rollout first.",
    });
    await assert.rejects(rollout.create(rig.rollout("left", "9.0.0", "/left"), rig.context), {
      message:
        "left-9.0.0 gets no traffic: the gateway has no backend left-9.0.0; its Backend has to come before the Rollout. " +
        "What was live before is still live. Mend the version, then run again.",
    });
    assert.equal(await versionAt("/left"), "version=1.0.0");
  });

  it("moves a service to another path, and off the gateway", async () => {
    const old = rig.rollout("left", "1.0.0", "/left");
    const state = { ...old, live: "1.0.0", previous: null, ...past };
    const moved = await rollout.update(rig.rollout("left", "1.0.0", "/west"), state, rig.context);
    assert.deepEqual(moved, { live: "1.0.0", previous: null, ...past });
    assert.match((await rig.get("/west")).body, /^version=1\.0\.0 path=\/west /);
    assert.match((await rig.get("/left")).body, /^version=1\.0\.0 path=\/left /); // By the service at /.
    await rollout.delete({ ...state, ...moved, pathPrefix: "/west" }, rig.context);
    assert.equal(await routes(), "right 1.0.0|-|0\nsample 1.0.0|-|0\n/ sample\n/right/ right\n");
    assert.equal(await rollout.read(state, rig.context), undefined);
  });

  it("loses no request over shifts and reloads", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const faults: string[] = [];
    const pending: Promise<void>[] = [];
    let changing = true;
    const load = (async () => {
      for (let sent = 0; changing; sent++) {
        // Every third one on a new connection; about 100 a second in all.
        const answer = sent % 3 === 0 ? rig.get("/") : rig.get("/", {}, agent);
        pending.push(
          answer.then(
            ({ status }) => void (status === 200 || faults.push(`status ${status}`)),
            (error: unknown) => void faults.push(String(error)),
          ),
        );
        await sleep(10);
      }
    })();
    const state = { live: "1.0.0", previous: null, ...past };
    for (const version of ["2.0.0", "3.0.0", "1.0.0"]) {
      await rollout.update(
        rig.rollout("sample", version),
        { ...rig.rollout("sample", version), ...state },
        rig.context,
      );
    }
    await backend.delete(rig.backend("sample", "3.0.0"), rig.context);
    await rollout.update(
      rig.rollout("sample", "2.0.0"),
      { ...rig.rollout("sample", "2.0.0"), ...state },
      rig.context,
    );
    changing = false;
    await load;
    await Promise.all(pending);
    agent.destroy();
    assert.deepEqual(faults, []);
    assert.ok(pending.length > 20, `only ${pending.length} requests were sent`);
  });
});
