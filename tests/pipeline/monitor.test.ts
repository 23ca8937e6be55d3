import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { watch, type WatchOptions, type WatchResult, type World } from "../../pipeline/monitor";
import type { Gateway } from "../../provider/gateway/gateway";
import type { ServerStat } from "../../provider/gateway/runtime";
import { FakeGateway } from "../provider/support/fake-gateway";

const options: WatchOptions = {
  ...{ gateway: "gateway", service: "sample", version: "1.1.0" },
  ...{ seconds: 60, minRequests: 50, maxErrorPercent: 1 },
};

/** A gateway whose log the test writes, and a clock that only the watch's own pauses move. */
class Scene {
  readonly gateway = new FakeGateway();
  readonly said: string[] = [];
  readonly stop = new AbortController();
  readonly restarts = new Map<string, number>();
  /** What happens at a second of the watch. */
  readonly events = new Map<number, () => void>();
  status = "UP";
  broken: string | undefined;
  private milliseconds = 0;
  private lines = 0;
  private readonly listeners = new Set<(line: { at: string; text: string }) => void>();

  constructor() {
    const servers = [{ name: "s1", container: "sample-1.1.0-1", port: 8080 }];
    this.gateway.backends = [{ service: "sample", version: "1.1.0", healthPath: "/healthz", servers }];
    this.gateway.routes.set("sample", "1.1.0|-|0");
    this.restarts.set("sample-1.1.0-1", 0);
    this.gateway.before = () => {
      if (this.broken !== undefined) throw new Error(this.broken);
    };
  }

  at(second: number, event: () => void): this {
    this.events.set(second, event);
    return this;
  }

  requests(count: number, { status = 200, ms = 10, backend = "sample-1.1.0" } = {}): void {
    for (let index = 0; index < count; index++) {
      const at = `2100-01-01T00:00:00.${String(++this.lines).padStart(9, "0")}Z`;
      const text = JSON.stringify({ version: backend, status, ms, termination: "--" });
      for (const listener of this.listeners) listener({ at, text });
    }
  }

  async watch(changes: Partial<WatchOptions> = {}): Promise<WatchResult> {
    const readAccessLog: Gateway["readAccessLog"] = async ({ follow, signal }, onLine) => {
      if (!follow || signal.aborted) return;
      this.listeners.add(onLine);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      this.listeners.delete(onLine);
    };
    const servers = async (): Promise<ServerStat[]> => {
      this.gateway.before("servers");
      const facts = { checkStatus: "L7STS", checkCode: 503, inFlight: 0, resent: 0 };
      return [{ backend: "sample-1.1.0", server: "s1", status: this.status, ...facts }];
    };
    const gateway = Object.assign(this.gateway, { readAccessLog, servers });
    const world: World = {
      openGateway: () => gateway,
      restartsOf: async (container) => this.restarts.get(container),
      now: () => this.milliseconds,
      pause: async (milliseconds) => {
        await turn();
        this.milliseconds += milliseconds;
        this.events.get(this.milliseconds / 1000)?.();
      },
    };
    const said = (line: string): void => void this.said.push(line);
    const result = await watch({ ...options, ...changes }, said, this.stop.signal, world);
    await turn();
    assert.equal(this.listeners.size, 0, "the log is closed");
    return result;
  }
}

describe("the monitoring window", () => {
  let scene: Scene;
  beforeEach(() => (scene = new Scene()));

  it("passes a version that does well to the end, and tells figures now and then", async () => {
    scene.at(5, () => scene.requests(80)).at(25, () => scene.requests(20, { ms: 30 }));
    assert.deepEqual(await scene.watch(), {
      verdict: "passed",
      figures: { requests: 100, errors: 0, p95Milliseconds: 30 },
    });
    assert.deepEqual(scene.said, [
      "10 s: 80 requests, 0 errors, p95 10 ms",
      "20 s: 80 requests, 0 errors, p95 10 ms",
      "30 s: 100 requests, 0 errors, p95 30 ms",
      "40 s: 100 requests, 0 errors, p95 30 ms",
      "50 s: 100 requests, 0 errors, p95 30 ms",
      "passed after 60 s: 100 requests, 0 errors, p95 30 ms",
    ]);
  });

  it("tells ten times in a long window", async () => {
    await scene.watch({ seconds: 600 });
    assert.deepEqual(
      scene.said.map((line) => line.split(":")[0]),
      [..."123456789"].map((minutes) => `${Number(minutes) * 60} s`).concat("passed after 600 s"),
    );
  });

  it("says when there were too few requests to say anything", async () => {
    scene.at(1, () => scene.requests(2));
    assert.equal((await scene.watch()).verdict, "passed");
    assert.equal(
      scene.said.at(-1),
      "passed after 60 s: 2 requests, 0 errors, p95 10 ms, fewer than the 50 that say something",
    );
  });

  it("ends at once when more requests fail than chance can explain", async () => {
    scene.at(7, () => scene.requests(60)).at(8, () => scene.requests(20, { status: 503 }));
    assert.deepEqual(await scene.watch(), {
      verdict: "breached",
      figures: { requests: 80, errors: 20, p95Milliseconds: 10 },
      reason: "failed 20 of 80 requests (25 %; allowed: 1 %)",
    });
    assert.deepEqual(scene.said, ["breached after 8 s: 80 requests, 20 errors, p95 10 ms"]);
  });

  it("takes a few errors for chance until the end, and counts them then", async () => {
    scene.at(1, () => scene.requests(98)).at(2, () => scene.requests(2, { status: 500 }));
    const { verdict, reason } = await scene.watch();
    assert.equal(verdict, "breached");
    assert.equal(reason, "failed 2 of 100 requests (2 %; allowed: 1 %)");
    assert.match(scene.said.at(-1) ?? "", /^breached after 60 s/);
  });

  it("lets errors pass that are no more than allowed", async () => {
    scene.at(1, () => scene.requests(99)).at(2, () => scene.requests(1, { status: 500 }));
    assert.equal((await scene.watch()).verdict, "passed");
  });

  it("is not deceived by a good beginning", async () => {
    scene.at(1, () => scene.requests(5000)).at(40, () => scene.requests(30, { status: 502 }));
    const { verdict, reason } = await scene.watch();
    assert.equal(verdict, "breached");
    assert.equal(reason, "failed 30 of 30 requests (100 %; allowed: 1 %)");
    assert.match(scene.said.at(-1) ?? "", /^breached after 40 s: 5030 requests, 30 errors/);
  });

  it("counts the version's own requests only", async () => {
    scene.at(1, () => scene.requests(100, { status: 500, backend: "sample-1.0.0" }));
    const { verdict, figures } = await scene.watch();
    assert.deepEqual([verdict, figures], ["passed", { requests: 0, errors: 0 }]);
  });

  it("breaches a latency limit, where there is one, among enough requests", async () => {
    const slow = () => scene.requests(49, { ms: 900 });
    scene.at(1, slow).at(20, slow);
    assert.equal((await scene.watch()).verdict, "passed");

    scene = new Scene().at(1, slow).at(4, () => scene.requests(1, { ms: 900 }));
    const { verdict, reason } = await scene.watch({ maxP95Milliseconds: 500 });
    assert.equal(verdict, "breached");
    assert.equal(reason, "answered 50 requests with a p95 latency of 900 ms (allowed: 500 ms)");
    assert.match(scene.said.at(-1) ?? "", /^breached after 4 s/);
  });

  for (const status of ["DOWN", "DOWN 1/2", "MAINT (resolution)"]) {
    it(`breaches by a server that is ${status} for more than 3 s`, async () => {
      scene.at(5, () => (scene.status = status));
      const { verdict, reason } = await scene.watch();
      assert.equal(verdict, "breached");
      assert.equal(reason, `has its server s1 down for 4 s (${status} L7STS)`);
      assert.match(scene.said.at(-1) ?? "", /^breached after 9 s/);
    });
  }

  it("forgives a server that comes up again within 3 s, and one that somebody put in maintenance", async () => {
    for (const second of [5, 10, 15]) {
      scene.at(second, () => (scene.status = "DOWN")).at(second + 3, () => (scene.status = "UP"));
    }
    scene.at(20, () => (scene.status = "MAINT"));
    assert.equal((await scene.watch()).verdict, "passed");
  });

  it("breaches by a container that Docker had to start again, though not by what was before the watch", async () => {
    scene.restarts.set("sample-1.1.0-1", 3);
    scene.at(30, () => scene.restarts.set("sample-1.1.0-1", 4));
    const { verdict, reason } = await scene.watch();
    assert.equal(verdict, "breached");
    assert.equal(reason, "ended by itself: Docker had to start sample-1.1.0-1 again");
    assert.match(scene.said.at(-1) ?? "", /^breached after 30 s/);
  });

  it("stops when the version is not live any more: its errors are nobody's", async () => {
    scene.at(9, () => {
      scene.gateway.routes.set("sample", "1.0.0|-|0");
      scene.requests(100, { status: 500 });
    });
    const { verdict, reason } = await scene.watch();
    assert.deepEqual([verdict, reason], ["stopped", "is no longer live"]);
    assert.match(scene.said.at(-1) ?? "", /^stopped after 9 s/);
  });

  it("goes on watching a version that the next release shares the traffic with", async () => {
    scene.at(9, () => scene.gateway.routes.set("sample", "1.1.0|1.2.0|25"));
    assert.equal((await scene.watch()).verdict, "passed");
  });

  it("ends by the signal, with no verdict on the version", async () => {
    scene.at(9, () => scene.stop.abort());
    scene.at(4, () => scene.requests(3));
    assert.deepEqual(await scene.watch(), {
      verdict: "stopped",
      figures: { requests: 3, errors: 0, p95Milliseconds: 10 },
    });
    assert.match(scene.said.at(-1) ?? "", /^stopped after 9 s/);
  });

  it("tells once that the gateway does not answer, and goes on when it does", async () => {
    scene.at(5, () => (scene.broken = "Container gateway is not running."));
    scene.at(20, () => (scene.broken = undefined)).at(21, () => scene.requests(60));
    const { verdict, figures } = await scene.watch();
    assert.equal(verdict, "passed");
    assert.equal(figures.requests, 60);
    assert.deepEqual(
      scene.said.filter((line) => !/^\d/.test(line) && !line.startsWith("passed")),
      ["cannot be watched at the moment: Container gateway is not running."],
    );
  });

  it("gives no verdict when the gateway does not answer at the end", async () => {
    scene.at(50, () => (scene.broken = "Container gateway is not running."));
    const { verdict, reason } = await scene.watch();
    assert.equal(verdict, "stopped");
    assert.equal(reason, "could not be watched: Container gateway is not running.");
  });
});
