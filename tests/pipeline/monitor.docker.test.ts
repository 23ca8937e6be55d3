import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { machine, watch, type WatchResult } from "../../pipeline/monitor";
import { openGateway } from "../../provider/gateway/gateway";
import { backend } from "../../provider/resources/backend";
import { Rig } from "../provider/support/rig";

const docker = async (...args: string[]) => promisify(execFile)("docker", args);

describe("the monitoring window, on Docker", function () {
  this.timeout(240_000);
  let rig: Rig;
  let container: string;
  let stop: AbortController;
  let said: string[];
  before(async () => {
    rig = await Rig.start();
    container = await rig.server("v1", ["VERSION=1.1.0"]);
    await backend.create(rig.backend("sample", "1.1.0", container), rig.context);
    const gateway = openGateway(rig.gateway);
    await gateway.setEntry("paths", "/", "sample");
    await gateway.setEntry("routes", "sample", "1.1.0|-|0");
  });
  after(() => rig.stop());
  beforeEach(() => {
    stop = new AbortController();
    said = [];
  });
  afterEach(() => stop.abort());

  const watchFor = (seconds: number, world = machine): Promise<WatchResult> => {
    const limits = { seconds, minRequests: 20, maxErrorPercent: 1 };
    const options = { gateway: rig.gateway, service: "sample", version: "1.1.0", ...limits };
    return watch(options, (line) => said.push(line), stop.signal, world);
  };

  /** The machine, and when the watch has looked at it for the first time: what comes before that may be from before the watch. */
  const watched = () => {
    let look = (): void => undefined;
    const looked = new Promise<void>((resolve) => (look = resolve));
    const restartsOf = async (name: string) => {
      const restarts = await machine.restartsOf(name);
      look();
      return restarts;
    };
    return { world: { ...machine, restartsOf }, looked };
  };

  it("counts the requests that come while it watches", async () => {
    const { world, looked } = watched();
    const watching = watchFor(10, world);
    await looked;
    for (let index = 0; index < 25; index++) await rig.get("/");
    const { verdict, figures } = await watching;
    assert.equal(verdict, "passed");
    // HAProxy drops a line now and then rather than wait for its output: Docker's own log of the gateway lacked two of 25 as well.
    assert.ok(figures.requests >= 20 && figures.requests <= 25, JSON.stringify(figures));
    assert.equal(figures.errors, 0);
    assert.match(
      said.at(-1) ?? "",
      new RegExp(`^passed after \\d+ s: ${figures.requests} requests, 0 errors, p95 \\d+ ms$`),
    );
  });

  it("tells a container that crashed, though it was up again before anybody saw it down", async () => {
    await docker("update", "--restart", "always", container);
    const { world, looked } = watched();
    const watching = watchFor(30, world);
    await looked;
    // The signal on which HAProxy, the server here, ends by itself.
    await docker("exec", container, "sh", "-c", "kill -USR1 1").catch(() => undefined);
    const { verdict, reason } = await watching;
    assert.equal(verdict, "breached");
    assert.equal(reason, `ended by itself: Docker had to start ${container} again`);
  });

  it("tells a server that went away, after 3 s and not before", async () => {
    const started = performance.now();
    const watching = watchFor(40);
    await rig.remove(container);
    const { verdict, reason } = await watching;
    assert.equal(verdict, "breached");
    assert.match(
      reason ?? "",
      /^has its server s1 down for (?:[3-9]|\d{2,}) s \((DOWN|MAINT \(resolution\)).*\)$/,
    );
    assert.ok(performance.now() - started > 3000);
  });
});
