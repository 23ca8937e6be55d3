import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { promisify } from "node:util";
import { describeContainer, hasEnded } from "../../../provider/docker";
import { renderBackends, withBackend, withoutBackend } from "../../../provider/gateway/backends";
import { backend } from "../../../provider/resources/backend";
import { Rig, eventually, send } from "../support/rig";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe("the gateway's configuration", function () {
  this.timeout(240_000);
  let rig: Rig;
  before(async () => {
    rig = await Rig.start();
    for (const version of ["1.0.0", "2.0.0"]) {
      const container = await rig.server(`api-${version}`, [`VERSION=${version}`]);
      await backend.create(rig.backend("api", version, container), rig.context);
    }
    const gateway = rig.context.openGateway(rig.gateway);
    await gateway.setEntry("routes", "api", "1.0.0|-|0");
    await gateway.setEntry("paths", "/api/", "api");
  });
  after(() => rig.stop());

  it("is healthy by its own health check", async () => {
    assert.equal(await rig.inGateway("gateway-health"), "");
  });

  it("takes a prefix and what is below it, and says so in JSON when nothing is live at a path", async () => {
    const statuses = await Promise.all(
      ["/api", "/api/x?y=1", "/apix", "/"].map(async (path) => (await rig.get(path)).status),
    );
    assert.deepEqual(statuses, [200, 200, 503, 503]);
    const answer = await rig.get("/");
    assert.equal(answer.headers["content-type"], "application/json");
    assert.deepEqual(JSON.parse(answer.body), {
      error: "no_route",
      message: "No release is live at this path.",
    });
  });

  it("previews a declared version by number or by name, and knows no other", async () => {
    const preview = async (value: string) => {
      const answer = await rig.get("/api", { "x-slipway-version": value });
      return answer.status === 200
        ? answer.body.split(" ")[0]
        : (JSON.parse(answer.body) as { error: string }).error;
    };
    assert.equal(await preview("2.0.0"), "version=2.0.0");
    assert.equal(await preview("api-2.0.0"), "version=2.0.0");
    assert.equal(await preview("3.0.0"), "unknown_version");
    assert.equal(await preview("gateway"), "unknown_version");
  });

  it("adds what a service should know and drops what a client must not claim", async () => {
    const { body } = await rig.get("/api", {
      "x-forwarded-for": "6.6.6.6",
      "x-slipway-weight": "100",
      "x-request-id": "call-7",
      "x-slipway-version": "1.0.0",
    });
    assert.match(
      body,
      /^version=1\.0\.0 path=\/api id=call-7 for=\d+\.\d+\.\d+\.\d+ preview=1\.0\.0 weight=$/,
    );
    assert.doesNotMatch(body, /6\.6\.6\.6/);
  });

  it("gives each request an id and each answer the security headers, and hides what serves it", async () => {
    const { headers } = await rig.get("/api", { "x-request-id": 'no"good' });
    assert.match(String(headers["x-request-id"]), uuid);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["x-frame-options"], "DENY");
    assert.equal(headers["referrer-policy"], "strict-origin-when-cross-origin");
    assert.equal(headers["strict-transport-security"], undefined);
    assert.equal(headers["server"], undefined);
    assert.equal(headers["x-powered-by"], undefined);
  });

  it("refuses a body beyond MAX_BODY_BYTES, and one that does not tell its length", async () => {
    const post = async (bytes: number, headers: Record<string, string> = {}) => {
      const answer = await send(rig.url, { path: "/api", method: "POST", body: "x".repeat(bytes), headers });
      return answer.status === 200
        ? 200
        : [answer.status, (JSON.parse(answer.body) as { error: string }).error];
    };
    assert.equal(await post(1000), 200);
    assert.deepEqual(await post(1001), [413, "too_large"]);
    assert.deepEqual(await post(10, { "transfer-encoding": "chunked" }), [411, "length_required"]);
    assert.equal((await rig.get("/api", { "x-large": "x".repeat(20_000) })).status, 400);
  });

  it("does not speak HTTP/2 in the clear, where a body needs no length", async () => {
    const session = connectHttp2(rig.url);
    const [error] = (await once(session, "error")) as [Error & { code?: string }];
    assert.equal(error.code, "ERR_HTTP2_ERROR");
  });

  it("answers once more on a connection that was idle when the gateway reloaded", async () => {
    const socket = connect(Number(new URL(rig.url).port), "127.0.0.1");
    const ask = async () => {
      socket.write("GET /api HTTP/1.1\r\nHost: gateway\r\n\r\n");
      const [answer] = (await once(socket, "data")) as [Buffer];
      return answer.toString().split("\r\n")[0];
    };
    assert.equal(await ask(), "HTTP/1.1 200 OK");
    const gateway = rig.context.openGateway(rig.gateway);
    await gateway.changeBackends((backends) => [...backends]);
    assert.equal(await ask(), "HTTP/1.1 200 OK");
    socket.destroy();
  });

  it("sends a candidate its share", async () => {
    const gateway = rig.context.openGateway(rig.gateway);
    await gateway.setEntry("routes", "api", "1.0.0|2.0.0|25");
    const bodies = await Promise.all(Array.from({ length: 200 }, async () => (await rig.get("/api")).body));
    const share = bodies.filter((body) => body.startsWith("version=2.0.0")).length;
    await gateway.setEntry("routes", "api", "1.0.0|-|0");
    // 25 % of 200 is 50; beyond 25 and 80 lies less than one run in 100,000.
    assert.ok(share > 25 && share < 80, `${share} of 200`);
  });

  it("gives a candidate's share to the stable version while the candidate has no server", async () => {
    const gateway = rig.context.openGateway(rig.gateway);
    await gateway.setEntry("routes", "api", "1.0.0|2.0.0|100");
    const serving = async () => (await rig.get("/api")).body.split(" ")[0];
    assert.equal(await serving(), "version=2.0.0");
    await gateway.setServerStates("api-2.0.0", ["s1"], "drain");
    assert.equal(await serving(), "version=1.0.0");
    await gateway.setServerStates("api-2.0.0", ["s1"], "ready");
    await gateway.setEntry("routes", "api", "1.0.0|-|0");
  });

  it("keeps a client's throw of the die in a cookie while the route is sticky, and only then", async () => {
    const gateway = rig.context.openGateway(rig.gateway);
    const ask = async (cookie?: string) => {
      const { body, headers } = await rig.get("/api", cookie === undefined ? {} : { cookie });
      return { version: body.split(" ")[0], cookies: headers["set-cookie"] };
    };
    await gateway.setEntry("routes", "api", "1.0.0|2.0.0|50|sticky");
    const [cookie = ""] = (await ask()).cookies ?? [];
    assert.match(cookie, /^slipway-die=\d{1,2}; Path=\/; HttpOnly; SameSite=Lax$/);
    for (const [die, version] of [
      ["49", "2.0.0"],
      ["50", "1.0.0"],
    ] as const) {
      const again = await Promise.all(Array.from({ length: 8 }, () => ask(`a=b; slipway-die=${die}`)));
      assert.deepEqual(new Set(again.map((answer) => answer.version)), new Set([`version=${version}`]));
      assert.deepEqual(new Set(again.map((answer) => answer.cookies)), new Set([undefined]));
    }
    assert.match(String((await ask("slipway-die=101")).cookies), /^slipway-die=\d{1,2};/);
    await gateway.setEntry("routes", "api", "1.0.0|2.0.0|51|sticky");
    assert.equal((await ask("slipway-die=50")).version, "version=2.0.0");
    assert.equal((await rig.get("/api", { "x-slipway-version": "1.0.0" })).headers["set-cookie"], undefined);
    await gateway.setEntry("routes", "api", "1.0.0|2.0.0|0");
    assert.deepEqual(await ask("slipway-die=0"), { version: "version=1.0.0", cookies: undefined });
    await gateway.setEntry("routes", "api", "1.0.0|-|0");
    assert.equal((await ask()).cookies, undefined);
  });

  it("logs each request as one line of JSON, whatever the client sent", async () => {
    await rig.get('/api/%22quoted"', { "x-request-id": "logged-1", "x-slipway-version": "2.0.0" });
    const lines = async () => {
      const { stdout } = await promisify(execFile)("docker", ["logs", rig.gateway]);
      return stdout.split("\n").filter((line) => line.includes("logged-1"));
    };
    await eventually("the line is there", async () => (await lines()).length === 1);
    const { time, ms, bytes, ...rest } = JSON.parse((await lines())[0] ?? "") as Record<string, unknown>;
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(typeof ms, "number");
    assert.ok(Number(bytes) > 100);
    assert.deepEqual(rest, {
      requestId: "logged-1",
      service: "api",
      version: "api-2.0.0",
      server: "s1",
      method: "GET",
      path: '/api/%22quoted"',
      status: 200,
      termination: "--",
    });
  });

  it("does not wait for a container that is gone, where no DNS server answers", async () => {
    const backends = renderBackends([
      {
        ...{ service: "gone", version: "1.0.0", healthPath: "/" },
        servers: [{ name: "s1", container: "gone", port: 1 }],
      },
    ]);
    const check = 'printf %s "$CONFIG" >/tmp/b.cfg; exec haproxy -c -f /etc/gateway/base.cfg -f /tmp/b.cfg';
    await rig.run(`${rig.prefix}-offline`, {
      Image: rig.image,
      Env: [`CONFIG=${backends}`],
      Cmd: ["sh", "-c", check],
      HostConfig: { NetworkMode: rig.prefix, Dns: ["192.0.2.1"] },
    });
    await eventually("it has ended", () => hasEnded(`${rig.prefix}-offline`));
    // HAProxy writes its verdict and its warnings to two streams: their order is not fixed.
    assert.match(await describeContainer(`${rig.prefix}-offline`), /exited, exit code 0[.,].*file is valid/s);
  });

  it("tries a server all the same when none of its version counts as up", async () => {
    const gateway = rig.context.openGateway(rig.gateway);
    const container = await rig.server("api-3.0.0", ["VERSION=3.0.0", "FAIL=1"]);
    const servers = [{ name: "s1", container, port: 8080 }];
    const sick = { service: "api", version: "3.0.0", healthPath: "/sick", servers };
    await gateway.changeBackends((backends) => withBackend(backends, sick));
    await eventually("its check has failed", async () =>
      (await gateway.servers("api-3.0.0")).every(({ checkStatus }) => checkStatus === "L7STS"),
    );
    // Its own answer, not the gateway's 503.
    assert.equal((await rig.get("/api", { "x-slipway-version": "3.0.0" })).status, 500);
    await gateway.changeBackends((backends) => withoutBackend(backends, "api-3.0.0"));
  });

  it("changes nothing when HAProxy would not accept the new configuration", async () => {
    const gateway = rig.context.openGateway(rig.gateway);
    const before = await gateway.readBackends();
    const broken = { service: "api", version: "3.0.0", healthPath: "/ no", servers: [] };
    await assert.rejects(
      gateway.changeBackends((backends) => [
        ...backends,
        { ...broken, servers: [{ name: "s1", container: "no such:1", port: 1 }] },
      ]),
      /^Error: Gateway \S+ failed \(exit code 1\): \[ALERT\].*backends\.cfg\.new:/,
    );
    assert.deepEqual(await gateway.readBackends(), before);
    assert.equal((await rig.get("/api")).status, 200);
  });
});
