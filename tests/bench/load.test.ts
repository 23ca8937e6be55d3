import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { Load, summarize, type LoadOptions } from "../../bench/load";

describe("load", () => {
  let server: Server;
  let sockets: WebSocketServer;
  let options: LoadOptions;
  let posted: string[];
  /** What the service does instead of answering well; undefined: nothing. */
  let instead: RequestListener | undefined;
  let version = "1.0.0";

  const answer: RequestListener = (request, response) => {
    if (instead !== undefined) return instead(request, response);
    const send = (status: number, body: string): void => {
      response.writeHead(status, { "x-app-version": version }).end(body);
    };
    if (request.url === "/") return send(200, `<footer>Version ${version}, commit abc</footer>`);
    if (request.url === "/version") return send(200, JSON.stringify({ version }));
    if (request.url === "/slow?ms=2000") return send(200, '{"waitedMs":2000}');
    request.setEncoding("utf8").once("data", (body: string) => {
      posted.push((JSON.parse(body) as { message: string }).message);
      send(201, body);
    });
  };

  beforeEach(async () => {
    posted = [];
    instead = undefined;
    version = "1.0.0";
    server = createServer(answer);
    sockets = new WebSocketServer({ server, path: "/live" });
    sockets.on("connection", (socket) => socket.send(JSON.stringify({ version })));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    options = {
      url,
      perSecond: 1000,
      maxRequests: 200,
      maxSeconds: 10,
      webSockets: 2,
      mark: "test",
      answerLimitSeconds: 10,
    };
  });
  afterEach(async () => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const until = async (done: () => boolean): Promise<void> => {
    for (const end = performance.now() + 5_000; !done();) {
      assert.ok(performance.now() < end, "took more than 5 s");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  it("goes to this machine only", () => {
    for (const url of [
      "http://localhost:80",
      "http://10.0.0.1",
      "https://127.0.0.1",
      "http://127.0.0.1.example.com",
    ])
      assert.throws(() => new Load({ ...options, url }), /127\.0\.0\.1 only/);
  });

  it("sends its mix, as many as allowed, and lists the writes that were acknowledged", async () => {
    const load = new Load(options);
    load.start("all");
    await until(() => load.exhausted);
    const report = await load.stop();
    assert.equal(report.sent, 200);
    assert.deepEqual(report.failures, []);
    assert.deepEqual(
      report.phases.map(({ name, sent, failed }) => [name, sent, failed]),
      [["all", 200, 0]],
    );
    assert.equal(report.acknowledged.length, 40);
    assert.deepEqual([...report.acknowledged].sort(), posted.sort());
    assert.deepEqual(report.phases[0]?.versions, { "1.0.0": 200 });
    assert.deepEqual(report.sockets, { opened: 2, closed: 0, cut: 0, refused: 0 });
  });

  it("ends by itself when its time is over", async () => {
    const load = new Load({ ...options, maxRequests: 1e6, maxSeconds: 0.2, perSecond: 100 });
    load.start("all");
    await until(() => load.exhausted);
    const { sent } = await load.stop();
    assert.ok(sent >= 1 && sent <= 21, String(sent));
  });

  it("counts each failure by what it was, and who answered", async () => {
    instead = (request, response) => {
      if (request.method === "POST") request.socket.destroy();
      else if (request.url === "/slow?ms=2000") response.writeHead(502).end();
      else if (request.url === "/version") response.writeHead(500, { "x-app-version": "1.0.0" }).end();
      else response.writeHead(200, { "x-app-version": "1.0.0" }).end("something else");
    };
    const load = new Load({ ...options, maxRequests: 100 });
    load.start("bad");
    await until(() => load.exhausted);
    const report = await load.stop();
    assert.deepEqual(
      summarize(report.failures)
        .map((line) => line.replace(/^\d+ × /, ""))
        .sort(),
      [
        "GET of 2 s: status 502 in bad",
        "GET on a new connection: status 500 (1.0.0) in bad",
        "GET on a new connection: wrong body (1.0.0) in bad",
        "GET: status 500 (1.0.0) in bad",
        "GET: wrong body (1.0.0) in bad",
        "POST on a new connection: ECONNRESET in bad",
        "POST: ECONNRESET in bad",
      ],
    );
    assert.equal(report.failures.length, 100);
    assert.deepEqual(report.acknowledged, []);
    assert.equal(report.versions["1.0.0"]?.failed, 78);
  });

  it("takes an answer of a version that should not serve for a failure", async () => {
    const load = new Load({ ...options, maxRequests: 100 });
    load.expect("2.0.0");
    load.start("all");
    await until(() => load.exhausted);
    const { failures } = await load.stop();
    assert.equal(failures.length, 100);
    assert.equal(failures[0]?.fault, "version 1.0.0 not expected");
  });

  it("tells phases apart, and when which version answered", async () => {
    const load = new Load(options);
    load.start("before");
    await until(() => load.sighting("1.0.0") !== undefined);
    version = "1.1.0";
    load.phase("after");
    const shiftedAt = performance.now();
    await until(() => load.exhausted);
    const report = await load.stop();
    const [before, after] = report.phases;
    assert.equal((before?.sent ?? 0) + (after?.sent ?? 0), 200);
    const [old, now] = [report.versions["1.0.0"], report.versions["1.1.0"]];
    assert.ok(old !== undefined && now !== undefined);
    assert.ok(old.lastSentAt < shiftedAt && now.firstAnswerAt > shiftedAt);
    assert.equal(old.answers + now.answers, 200);
  });

  it("counts the time that a request had to wait to be sent into its latency", async () => {
    const load = new Load({ ...options, perSecond: 100, maxRequests: 60 });
    load.start("blocked");
    await until(() => load.count > 10);
    for (const end = performance.now() + 300; performance.now() < end;);
    await until(() => load.exhausted);
    const phase = (await load.stop()).phases[0];
    assert.ok(phase !== undefined && phase.p95 > 200, JSON.stringify(phase));
  });

  it("tells WebSockets that were closed properly from those that were cut, and opens them anew", async () => {
    const load = new Load({ ...options, maxRequests: 1e6, perSecond: 10 });
    load.start("all");
    // A pong comes after the greeting was read.
    const greeted = async () => {
      await until(() => sockets.clients.size === 2);
      for (const socket of sockets.clients) {
        socket.ping();
        await once(socket, "pong");
      }
    };
    await greeted();
    for (const socket of sockets.clients) socket.terminate();
    await until(() => sockets.clients.size === 0);
    await greeted();
    for (const socket of sockets.clients) socket.close(1001);
    await until(() => sockets.clients.size === 0);
    await greeted();
    const report = await load.stop();
    assert.deepEqual(report.sockets, { opened: 6, closed: 2, cut: 2, refused: 0 });
  });
});
