import assert from "node:assert/strict";
import { Agent } from "node:http";
import { backend } from "../../../provider/resources/backend";
import { rollout } from "../../../provider/resources/rollout";
import { Rig, eventually } from "../support/rig";

describe("Backend on a real gateway", function () {
  this.timeout(240_000);
  let rig: Rig;
  before(async () => {
    rig = await Rig.start();
  });
  after(() => rig.stop());

  /** Brings a version up with a server of its own. */
  async function bring(service: string, version: string, ...env: string[]) {
    const container = await rig.server(`${service}-${version}`, [`VERSION=${version}`, ...env]);
    const inputs = rig.backend(service, version, container);
    await backend.create(inputs, rig.context);
    return { container, inputs };
  }
  const backendsInFile = async () =>
    [...(await rig.inGateway("cat", "/var/lib/gateway/backends.cfg")).matchAll(/^backend (\S+)/gm)].map(
      ([, name]) => name,
    );

  it("warms a version up without giving it traffic; the preview header reaches it", async () => {
    await bring("warm", "1.0.0");
    assert.equal((await rig.get("/")).status, 503);
    const preview = await rig.get("/", { "x-slipway-version": "warm-1.0.0" });
    assert.equal(preview.status, 200);
    assert.match(preview.body, /^version=1\.0\.0 path=\/ /);
  });

  it("takes a version out again that never becomes healthy, with its last log lines, and the old route stays", async () => {
    await bring("sick", "1.0.0");
    await rollout.create(rig.rollout("sick", "1.0.0"), rig.context);
    const container = `${rig.prefix}-sick-2`;
    await rig.run(container, {
      Image: rig.image,
      Env: ["DB_PASSWORD=hunter22"],
      Cmd: ["sh", "-c", "echo migrating; echo connecting with hunter22, token=abcdef; exec sleep 600"],
      HostConfig: { NetworkMode: rig.prefix },
    });
    const before = await backendsInFile();
    await assert.rejects(
      backend.create({ ...rig.backend("sick", "2.0.0", container), readyTimeoutSeconds: 1 }, rig.context),
      {
        message:
          "sick-2.0.0 did not become healthy within 1 s, so it gets no traffic; what was live before is still live.\n" +
          `GET /healthz must answer 200: s1 (${container}:8080) is DOWN L4CON.\n` +
          `Container ${container}: running, health starting. Last log lines:\n` +
          "  migrating\n  connecting with ***, token=***",
      },
    );
    assert.deepEqual(await backendsInFile(), before);
    assert.equal((await rig.get("/", { "x-slipway-version": "sick-2.0.0" })).status, 404);
    assert.match((await rig.get("/")).body, /^version=1\.0\.0 /);
    await rollout.delete(rig.rollout("sick", "1.0.0") as never, rig.context);
  });

  it("does not wait for a container that has ended", async () => {
    const container = `${rig.prefix}-ended`;
    await rig.run(container, {
      Image: rig.image,
      Cmd: ["sh", "-c", "echo no database >&2; exit 3"],
      HostConfig: { NetworkMode: rig.prefix },
    });
    await assert.rejects(
      backend.create({ ...rig.backend("ended", "1.0.0", container), readyTimeoutSeconds: 60 }, rig.context),
      (error: Error) => {
        assert.match(error.message, /^ended-1\.0\.0 cannot become healthy, so it gets no traffic; /);
        assert.match(error.message, /exited, exit code 3.* Last log lines:\n {2}no database$/);
        return true;
      },
    );
  });

  it("gives a server that joins a live version no traffic before it is healthy, and forgets it when it never is", async () => {
    const { container, inputs } = await bring("join", "1.0.0");
    await rollout.create(rig.rollout("join", "1.0.0", "/join"), rig.context);
    const sick = await rig.server("join-sick", ["VERSION=sick", "SICK=1"]);
    const both = { ...rig.backend("join", "1.0.0", container, sick), readyTimeoutSeconds: 2 };
    let joining = true;
    const update = backend.update(both, inputs, rig.context).finally(() => (joining = false));
    const answers: string[] = [];
    const watching = (async () => {
      while (joining) answers.push((await rig.get("/join")).body.split(" ")[0] ?? "");
    })();
    await assert.rejects(update, /s2 \(.*-join-sick:8080\) is DOWN L7STS/);
    await watching;
    // Half of them would be, if it counted as up. Where on a busy machine the other one is down for a moment, it is the last resort.
    const early = answers.filter((answer) => answer !== "version=1.0.0");
    assert.ok(early.length * 10 <= answers.length, `${early.length} of ${answers.length}: ${early[0]}`);
    assert.deepEqual(await backend.read(both, rig.context), {
      healthPath: "/healthz",
      servers: inputs.servers,
    });
  });

  it("adds and drops servers of a version in place", async () => {
    const { container, inputs } = await bring("scale", "1.0.0");
    const second = await rig.server("scale-2", ["VERSION=second"]);
    const two = rig.backend("scale", "1.0.0", container, second);
    await backend.update(two, inputs, rig.context);
    const ask = async () =>
      (await rig.get("/", { "x-slipway-version": "scale-1.0.0" })).body.split(" ")[0] ?? "";
    assert.deepEqual(new Set([await ask(), await ask()]), new Set(["version=1.0.0", "version=second"]));
    const one = { ...two, servers: two.servers.slice(1) };
    await backend.update(one, two, rig.context);
    assert.deepEqual([await ask(), await ask()], ["version=second", "version=second"]);
    assert.deepEqual(await backend.read(one, rig.context), { healthPath: "/healthz", servers: one.servers });
  });

  it("lets a request in flight finish before a version goes", async () => {
    const { inputs } = await bring("slow", "1.0.0");
    const slow = rig.get("/slow", { "x-slipway-version": "slow-1.0.0" });
    await eventually("the request is in flight", async () => {
      const stats = await rig.context.openGateway(rig.gateway).servers("slow-1.0.0");
      return stats.some((stat) => stat.inFlight === 1);
    });
    const order: string[] = [];
    const deleted = backend.delete(inputs, rig.context).then(() => order.push("deleted"));
    const answer = await slow.finally(() => order.push("answered"));
    await deleted;
    assert.equal(answer.status, 200);
    assert.deepEqual(order, ["answered", "deleted"]);
    assert.equal((await rig.get("/", { "x-slipway-version": "slow-1.0.0" })).status, 404);
  });

  it("loses no request of a connection that was idle when the gateway reloaded", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { container, inputs } = await bring("idle", "1.0.0");
    const first = rig.rollout("idle", "1.0.0", "/idle");
    const shifted = await rollout.create(first, rig.context);
    assert.match((await rig.get("/idle", {}, agent)).body, /^version=1\.0\.0 /);
    await bring("idle", "2.0.0");
    await rollout.update(rig.rollout("idle", "2.0.0", "/idle"), { ...first, ...shifted }, rig.context);
    await backend.delete({ ...inputs, drainSeconds: 30 }, rig.context);
    await rig.remove(container);
    assert.match((await rig.get("/idle", {}, agent)).body, /^version=2\.0\.0 /);
    agent.destroy();
  });

  it("stays while it is live", async () => {
    const { inputs } = await bring("live", "1.0.0");
    await rollout.create(rig.rollout("live", "1.0.0", "/live"), rig.context);
    await assert.rejects(backend.delete(inputs, rig.context), {
      message:
        "live-1.0.0 is live (its route is 1.0.0|-|0) and stays in the gateway. Roll another version out, or remove " +
        "the service's Rollout, first.",
    });
    assert.match((await rig.get("/live")).body, /^version=1\.0\.0 /);
  });

  it("is gone with its gateway", async () => {
    const inputs = { ...rig.backend("any", "1.0.0", "any"), gateway: `${rig.prefix}-none` };
    await backend.delete(inputs, rig.context);
    assert.equal(await backend.read(inputs, rig.context), undefined);
    await assert.rejects(backend.create(inputs, rig.context), {
      message: `There is no container ${rig.prefix}-none.`,
    });
  });
});
