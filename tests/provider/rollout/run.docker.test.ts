import assert from "node:assert/strict";
import { once } from "node:events";
import type { StepReport } from "../../../provider/history/entry";
import { backend } from "../../../provider/resources/backend";
import { runRollout } from "../../../provider/rollout/run";
import type { Analysis, Strategy } from "../../../provider/schema/strategy";
import { Load } from "../support/load";
import { Rig, eventually } from "../support/rig";

const analysis: Analysis = {
  ...{ minRequests: 10, maxErrorPercent: 1, maxP95Ratio: 2, p95SlackMilliseconds: 500, pauseSeconds: 100 },
};
const canary = (steps: number[], more: { bakeSeconds?: number; analysis?: Analysis } = {}): Strategy => ({
  ...{ kind: "canary", steps, bakeSeconds: 1, sticky: false },
  ...more,
});

describe("a rollout on a real gateway", function () {
  this.timeout(240_000);
  let rig: Rig;
  let load: Load | undefined;
  before(async () => {
    rig = await Rig.start();
    for (const version of ["1.0.0", "2.0.0"]) await bring(version, { replicas: 2 });
    await runRollout(rig.rollout("sample", "1.0.0"), undefined, rig.context);
  });
  after(() => rig.stop());
  beforeEach(() => {
    rig.recorded.length = 0;
    rig.said.length = 0;
  });
  afterEach(async () => {
    await load?.stop();
    load = undefined;
    await runRollout({ ...rig.rollout("sample", "1.0.0"), rollback: true }, undefined, rig.context);
  });

  /** A version in the gateway, warm; answers its containers. */
  async function bring(
    version: string,
    options: { env?: string[]; replicas?: number } = {},
  ): Promise<string[]> {
    const env = [`VERSION=${version}`, ...(options.env ?? [])];
    const names = Array.from({ length: options.replicas ?? 1 }, (_, index) => `${version}-${index + 1}`);
    const containers = await Promise.all(names.map((name) => rig.server(name, env)));
    await backend.create(rig.backend("sample", version, ...containers), rig.context);
    return containers;
  }
  const to = (version: string, strategy: Strategy, context = rig.context) =>
    runRollout(rig.rollout("sample", version, "/", strategy), undefined, context);
  /** The service's route, in memory and in the volume. */
  const route = async () => {
    const inFile = await rig.inGateway("cat", "/var/lib/gateway/routes.map");
    const { routes } = await rig.context.openGateway(rig.gateway).readMaps();
    return [routes.get("sample"), inFile.trim().split(" ")[1]];
  };
  const settledOn = (version: string) => [`${version}|-|0`, `${version}|-|0`];
  const outlines = (steps: readonly StepReport[]) =>
    steps.map(({ weightPercent, verdict }) => `${weightPercent} ${verdict}`);
  /** Whether a step is under way, by what is said. */
  const baking = (step: string) =>
    eventually(`${step} bakes`, async () => rig.said.some((line) => line.startsWith(`${step}: shifted`)));

  it("passes a good version through its shares, with figures, and loses no request", async () => {
    load = new Load(rig, "/");
    const { steps, plan, previous } = await to("2.0.0", canary([10, 50, 100], { analysis }));
    await load.stop();
    assert.deepEqual(outlines(steps), ["10 passed", "50 passed", "100 passed"]);
    for (const { target, stable } of steps) {
      assert.ok(target.requests >= 10 && (stable?.requests ?? 0) >= 10, JSON.stringify(steps));
      assert.equal(target.errors, 0);
      assert.ok((target.p95Milliseconds ?? Infinity) < 1000);
    }
    assert.equal(plan[0], "10 % of the traffic to 2.0.0, 1 s of bake, analysis against 1.0.0");
    assert.equal(previous, "1.0.0");
    assert.deepEqual(load.faults, []);
    assert.deepEqual(await route(), settledOn("2.0.0"));
    assert.match(
      rig.said.join("\n"),
      /canary 50 %: \d+ requests, 0 errors, p95 \d+ ms \(stable \d+ ms\), passed after [\d.]+ s/,
    );
  });

  it("takes the traffic back from a version that answers 500", async () => {
    await bring("2.1.0", { env: ["FAIL=1"] });
    load = new Load(rig, "/");
    await assert.rejects(to("2.1.0", canary([10, 100], { bakeSeconds: 30, analysis })), (error: Error) => {
      assert.match(
        error.message,
        /^The rollout of sample 2\.1\.0 failed at canary 10 %: \d+ of \d+ requests failed or had to be sent again \(100 %; allowed: 1 %\)\.\n/,
      );
      assert.match(
        error.message,
        /\nAll traffic is back on 1\.0\.0, which goes on serving\.\nNext: mend 2\.1\.0 /,
      );
      return true;
    });
    assert.deepEqual(await route(), settledOn("1.0.0"));
    const [entry] = rig.recorded;
    assert.deepEqual(
      [entry?.action, entry?.version, entry?.from, outlines(entry?.steps ?? [])],
      ["abort", "2.1.0", "1.0.0", ["10 failed"]],
    );
    // Only the candidate's own share failed, all of it; and nothing after that.
    const { faults } = load;
    assert.ok(faults.length >= (entry?.steps[0]?.target.errors ?? Infinity));
    const failedBefore = faults.length;
    const sentBefore = load.sent;
    await eventually("more was sent", async () => (load?.sent ?? 0) > sentBefore + 20);
    await load.stop();
    assert.equal(faults.length, failedBefore);
    assert.deepEqual(new Set(faults), new Set(["status 500"]));
  });

  it("takes the traffic back from a version that is slow", async () => {
    await bring("2.2.0", { env: ["SLOW=1"] });
    load = new Load(rig, "/");
    await assert.rejects(
      to("2.2.0", canary([20, 100], { bakeSeconds: 3, analysis })),
      /failed at canary 20 %: p95 latency \d+ ms, the stable version's \d+ ms \(allowed: 2 times that, and 500 ms more in any case\)/,
    );
    assert.deepEqual(await route(), settledOn("1.0.0"));
  });

  it("does not take silence for success", async () => {
    const short = { ...analysis, pauseSeconds: 1 };
    await assert.rejects(to("2.0.0", { kind: "blue-green", bakeSeconds: 1, analysis: short }), {
      message:
        /^The rollout of sample 2\.0\.0 failed at blue-green 100 %: 0 requests of the 10 that an analysis needs\.\n(.|\n)*Next: send it more traffic/,
    });
    assert.deepEqual(await route(), settledOn("1.0.0"));
    assert.deepEqual(outlines(rig.recorded[0]?.steps ?? []), ["100 inconclusive"]);
  });

  it("takes the traffic back from a version whose container dies", async () => {
    const [container = ""] = await bring("2.3.0");
    const failed = assert.rejects(to("2.3.0", { kind: "blue-green", bakeSeconds: 60 }), (error: Error) => {
      assert.match(
        error.message,
        /^The rollout of sample 2\.3\.0 failed at blue-green 100 %: a server of sample-2\.3\.0 is not healthy \(s1 is /,
      );
      assert.match(error.message, /Container \S+-2\.3\.0-1: exited, exit code 137/);
      return true;
    });
    await baking("blue-green 100 %");
    await rig.kill(container);
    await failed;
    assert.ok((rig.recorded[0]?.steps[0]?.seconds ?? Infinity) < 30);
    assert.deepEqual(await route(), settledOn("1.0.0"));
  });

  it("goes on when the gateway was restarted in the middle of a bake", async () => {
    const done = to("2.0.0", { kind: "blue-green", bakeSeconds: 4 });
    await baking("blue-green 100 %");
    await rig.restartGateway();
    assert.deepEqual(outlines((await done).steps), ["100 passed"]);
    assert.deepEqual(await route(), settledOn("2.0.0"));
  });

  it("gives all traffic back when it is cancelled, though the gateway is restarted meanwhile", async () => {
    const cancel = new AbortController();
    const context = { ...rig.context, signal: cancel.signal };
    const failed = assert.rejects(to("2.0.0", canary([25, 100], { bakeSeconds: 60 }), context), {
      message: /^The rollout of sample 2\.0\.0 was broken off at canary 25 %: Cancelled\.\n/,
    });
    await baking("canary 25 %");
    const restarted = rig.restartGateway();
    cancel.abort(new Error("Cancelled."));
    await failed;
    await restarted;
    assert.deepEqual(await route(), settledOn("1.0.0"));
    assert.deepEqual(outlines(rig.recorded[0]?.steps ?? []), ["25 cancelled"]);
  });

  it("drains one replica after the other, and leaves all of them warm", async () => {
    load = new Load(rig, "/");
    const gateway = rig.context.openGateway(rig.gateway);
    const statuses = async () => (await gateway.servers("sample-1.0.0")).map(({ status }) => status).join();
    const seen: Promise<string>[] = [];
    const progress = (line: string) => {
      if (line.includes(": shifted")) seen.push(statuses());
    };
    const { steps } = await to("2.0.0", { kind: "rolling", bakeSeconds: 1 }, { ...rig.context, progress });
    assert.deepEqual(outlines(steps), ["50 passed", "100 passed"]);
    assert.deepEqual(await Promise.all(seen), ["DRAIN,UP", "DRAIN,DRAIN"]);
    await load.stop();
    assert.deepEqual(load.faults, []);
    assert.equal(await statuses(), "UP,UP");
  });

  it("keeps a WebSocket open over shifts and reloads, until its container is stopped", async () => {
    const old = await rig.echoServer("3.0.0");
    const inputs = rig.backend("sample", "3.0.0", old);
    await backend.create(inputs, rig.context);
    await to("3.0.0", { kind: "direct" });
    const socket = await rig.webSocket("/");
    const echo = async (text: string) => {
      socket.write(text);
      const [answer] = (await once(socket, "data")) as [Buffer];
      return answer.toString();
    };
    await to("1.0.0", { kind: "blue-green", bakeSeconds: 1 });
    assert.equal(await echo("shifted"), "shifted");
    await backend.delete({ ...inputs, drainSeconds: 1 }, rig.context);
    assert.equal(await echo("taken out"), "taken out");
    const last = once(socket, "data");
    const closed = once(socket, "close");
    await rig.stopServer(old);
    assert.equal(String((await last)[0]), "bye");
    await closed;
  });
});
