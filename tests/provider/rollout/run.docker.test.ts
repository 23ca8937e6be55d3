import assert from "node:assert/strict";
import type { StepReport } from "../../../provider/history/entry";
import { backend } from "../../../provider/resources/backend";
import { runRollout } from "../../../provider/rollout/run";
import type { Analysis, Strategy } from "../../../provider/schema/strategy";
import { Load } from "../support/load";
import { Rig, eventually } from "../support/rig";

const analysis: Analysis = {
  ...{ minRequests: 10, maxErrorPercent: 1, maxP95Ratio: 2, p95SlackMilliseconds: 500, pauseSeconds: 20 },
};
const canary = (steps: number[], more: { bakeSeconds?: number; analysis?: Analysis } = {}): Strategy => ({
  ...{ kind: "canary", steps, bakeSeconds: 1, sticky: false },
  ...more,
});

describe("a rollout on a real gateway", function () {
  this.timeout(60_000);
  let rig: Rig;
  let load: Load | undefined;
  before(async () => {
    rig = await Rig.start();
  });
  after(() => rig.stop());
  afterEach(async () => {
    await load?.stop();
    load = undefined;
    rig.recorded.length = 0;
    rig.said.length = 0;
  });

  /** A service of its own for each test: 1.0.0 live, 2.0.0 beside it. */
  async function bring(service: string, options: { env?: string[]; replicas?: number } = {}) {
    const containers: Record<string, string[]> = {};
    for (const version of ["1.0.0", "2.0.0"]) {
      const env = [`VERSION=${version}`, ...(version === "2.0.0" ? (options.env ?? []) : [])];
      const names = Array.from({ length: options.replicas ?? 1 }, (_, index) => `${service}-${version}-${index}`);
      containers[version] = await Promise.all(names.map((name) => rig.server(name, env)));
      await backend.create(rig.backend(service, version, ...containers[version]), rig.context);
    }
    await runRollout(rig.rollout(service, "1.0.0", `/${service}`), undefined, rig.context);
    return { container: containers["2.0.0"]?.[0] ?? "" };
  }
  const to2 = (service: string, strategy: Strategy, context = rig.context) =>
    runRollout(rig.rollout(service, "2.0.0", `/${service}`, strategy), undefined, context);
  const routeOf = async (service: string) => {
    const inFile = await rig.inGateway("grep", `^${service} `, "/var/lib/gateway/routes.map");
    const { routes } = await rig.context.openGateway(rig.gateway).readMaps();
    return [routes.get(service), inFile.trim().split(" ")[1]];
  };
  const settledOn = (version: string) => [`${version}|-|0`, `${version}|-|0`];
  const outlines = (steps: readonly StepReport[]) =>
    steps.map(({ weightPercent, verdict }) => `${weightPercent} ${verdict}`);
  /** Whether a step is under way, by what is said. */
  const baking = (step: string) =>
    eventually(`${step} bakes`, async () => rig.said.some((line) => line.startsWith(`${step}: shifted`)));

  it("passes a good version through its shares, with figures, and loses no request", async () => {
    await bring("good");
    load = new Load(rig, "/good");
    const { steps, plan, previous } = await to2("good", canary([10, 50, 100], { analysis }));
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
    assert.deepEqual(await routeOf("good"), settledOn("2.0.0"));
    assert.match(
      rig.said.join("\n"),
      /canary 50 %: \d+ requests, 0 errors, p95 \d+ ms \(stable \d+ ms\), passed after [\d.]+ s/,
    );
  });

  it("takes the traffic back from a version that answers 500", async () => {
    await bring("broken", { env: ["FAIL=1"] });
    load = new Load(rig, "/broken");
    await assert.rejects(to2("broken", canary([10, 100], { bakeSeconds: 30, analysis })), (error: Error) => {
      assert.match(
        error.message,
        /^The rollout of broken 2\.0\.0 failed at canary 10 %: \d+ of \d+ requests failed or had to be sent again \(100 %; allowed: 1 %\)\.\n/,
      );
      assert.match(error.message, /\nAll traffic is back on 1\.0\.0, which goes on serving\.\nNext: mend 2\.0\.0 /);
      return true;
    });
    assert.deepEqual(await routeOf("broken"), settledOn("1.0.0"));
    const [entry] = rig.recorded;
    assert.deepEqual(
      [entry?.action, entry?.version, entry?.from, outlines(entry?.steps ?? [])],
      ["abort", "2.0.0", "1.0.0", ["10 failed"]],
    );
    // Counted by the clients too: each 500 is one of the candidate's.
    await load.stop();
    const { target } = entry?.steps[0] ?? {};
    assert.ok(Math.abs((target?.errors ?? 0) - load.faults.length) <= 2, `${load.faults.length} ${JSON.stringify(target)}`);
  });

  it("takes the traffic back from a version that is slow", async () => {
    await bring("slow", { env: ["SLOW=1"] });
    load = new Load(rig, "/slow");
    await assert.rejects(
      to2("slow", canary([20, 100], { bakeSeconds: 3, analysis })),
      /failed at canary 20 %: p95 latency \d+ ms, the stable version's \d+ ms \(allowed: 2 times that, and 500 ms more in any case\)/,
    );
    assert.deepEqual(await routeOf("slow"), settledOn("1.0.0"));
  });

  it("does not take silence for success", async () => {
    await bring("quiet");
    const short = { ...analysis, pauseSeconds: 1 };
    await assert.rejects(to2("quiet", { kind: "blue-green", bakeSeconds: 1, analysis: short }), {
      message:
        /^The rollout of quiet 2\.0\.0 failed at blue-green 100 %: 0 requests of the 10 that an analysis needs\.\n(.|\n)*Next: send it more traffic/,
    });
    assert.deepEqual(await routeOf("quiet"), settledOn("1.0.0"));
    assert.deepEqual(outlines(rig.recorded[0]?.steps ?? []), ["100 inconclusive"]);
  });

  it("takes the traffic back from a version whose container dies", async () => {
    const { container } = await bring("dead");
    const failed = assert.rejects(to2("dead", { kind: "blue-green", bakeSeconds: 60 }), (error: Error) => {
      assert.match(
        error.message,
        /^The rollout of dead 2\.0\.0 failed at blue-green 100 %: a server of dead-2\.0\.0 is not healthy \(s1 is /,
      );
      assert.match(error.message, /Container \S+-dead-2\.0\.0-0: exited, exit code 137/);
      return true;
    });
    await baking("blue-green 100 %");
    const killed = performance.now();
    await rig.kill(container);
    await failed;
    assert.ok(performance.now() - killed < 6000);
    assert.deepEqual(await routeOf("dead"), settledOn("1.0.0"));
  });

  it("goes on when the gateway was restarted in the middle of a bake", async () => {
    await bring("restart");
    const done = to2("restart", { kind: "blue-green", bakeSeconds: 4 });
    await baking("blue-green 100 %");
    await rig.restartGateway();
    assert.deepEqual(outlines((await done).steps), ["100 passed"]);
    assert.deepEqual(await routeOf("restart"), settledOn("2.0.0"));
  });

  it("gives all traffic back when it is cancelled, though the gateway is restarted meanwhile", async () => {
    await bring("cancel");
    const cancel = new AbortController();
    const context = { ...rig.context, signal: cancel.signal };
    const failed = assert.rejects(to2("cancel", canary([25, 100], { bakeSeconds: 60 }), context), {
      message: /^The rollout of cancel 2\.0\.0 was broken off at canary 25 %: Cancelled\.\n/,
    });
    await baking("canary 25 %");
    const restarted = rig.restartGateway();
    cancel.abort(new Error("Cancelled."));
    await failed;
    await restarted;
    assert.deepEqual(await routeOf("cancel"), settledOn("1.0.0"));
    assert.deepEqual(outlines(rig.recorded[0]?.steps ?? []), ["25 cancelled"]);
  });

  it("drains one replica after the other, and leaves all of them warm", async () => {
    await bring("rolling", { replicas: 2 });
    load = new Load(rig, "/rolling");
    const gateway = rig.context.openGateway(rig.gateway);
    const statuses = async () => (await gateway.servers("rolling-1.0.0")).map(({ status }) => status).join();
    const seen = new Set<string>();
    let rolling = true;
    const done = to2("rolling", { kind: "rolling", bakeSeconds: 1 }).finally(() => (rolling = false));
    while (rolling) seen.add(`${(await routeOf("rolling"))[0]} ${await statuses()}`);
    assert.deepEqual(outlines((await done).steps), ["50 passed", "100 passed"]);
    await load.stop();
    assert.deepEqual(load.faults, []);
    assert.ok(seen.has("1.0.0|2.0.0|50 DRAIN,UP"), [...seen].join("\n"));
    assert.ok(seen.has("1.0.0|2.0.0|100 DRAIN,DRAIN"), [...seen].join("\n"));
    assert.equal(await statuses(), "UP,UP");
  });
});
