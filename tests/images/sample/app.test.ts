import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createApp, type AppOptions } from "../../../images/sample/app";
import { bodyLimitBytes } from "../../../images/sample/body";
import type { Entry, NewEntry } from "../../../images/sample/entry";

const createdAt = new Date("2026-01-02T03:04:05Z");

describe("sample service's HTTP interface", () => {
  let server: Server;
  let url: string;
  let entries: Entry[];
  let announced: Entry[];
  let options: AppOptions;
  let logged: unknown[][];
  let users: Map<string, string>;

  beforeEach(async () => {
    entries = [];
    announced = [];
    logged = [];
    users = new Map();
    let visits = 0;
    options = {
      guestBook: {
        ping: async () => undefined,
        add: async (entry: NewEntry) => {
          const added = { ...entry, id: String(entries.length + 1), createdAt };
          entries.unshift(added);
          return added;
        },
        latest: async () => entries,
      },
      visits: { ping: async () => undefined, count: async () => ++visits },
      sessions: {
        open: async (name) => {
          users.set(`token-of-${name}`, name);
          return `token-of-${name}`;
        },
        nameOf: async (token) => users.get(token) ?? null,
      },
      announce: (entry) => announced.push(entry),
      release: {
        version: "1.4.0",
        commit: "abc",
        featureFlags: { newestLast: false },
        toggles: { announcements: "mock" },
      },
      log: (...line) => logged.push(line),
      notReady: () => undefined,
      draining: () => false,
    };
    // Each test may replace what it needs: the app asks the options every time.
    server = createServer(createApp(options));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(url + path, { redirect: "manual", ...init });
  const post = (body: string, type: string, path = "/entries"): Promise<Response> =>
    get(path, { method: "POST", body, headers: { "content-type": type } });
  const json = "application/json";
  const form = "application/x-www-form-urlencoded";

  it("is live and tells its version, flags and toggles", async () => {
    assert.deepEqual(await (await get("/healthz")).json(), { status: "live" });
    const { startedAt, ...release } = (await (await get("/version")).json()) as { startedAt: string };
    assert.deepEqual(release, {
      version: "1.4.0",
      commit: "abc",
      featureFlags: { newestLast: false },
      toggles: { announcements: "mock" },
    });
    assert.ok(Math.abs(Date.parse(startedAt) - Date.now()) < 60_000);
  });

  it("names its version on every answer", async () => {
    for (const path of ["/", "/version", "/nothing"])
      assert.equal((await get(path)).headers.get("x-app-version"), "1.4.0");
  });

  it("is ready when both dependencies answer", async () => {
    const response = await get("/readyz");
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: "ready", postgres: "ok", redis: "ok" });
  });

  it("says which dependency failed", async () => {
    options.visits.ping = () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));
    const response = await get("/readyz");
    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), {
      status: "not ready",
      postgres: "ok",
      redis: "failed: ECONNREFUSED: connect",
    });
  });

  it("is not ready while it drains, and closes the connections it answers on", async () => {
    options.notReady = () => "draining";
    options.draining = () => true;
    const response = await get("/readyz");
    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), { status: "not ready", reason: "draining" });
    assert.equal(response.headers.get("connection"), "close");
    assert.equal((await get("/healthz")).status, 200);
  });

  it("counts visits and shows the page", async () => {
    await get("/");
    const response = await get("/");
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    assert.match(response.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
    assert.match(await response.text(), /Visits: <strong>2<\/strong>/);
  });

  it("takes an entry from the form and leads back to the page", async () => {
    const response = await post("name=Ada&message=%3Cb%3E+%26+more", form);
    assert.equal(response.status, 303);
    assert.equal(response.headers.get("location"), "/");
    assert.deepEqual(entries, [{ id: "1", name: "Ada", message: "<b> & more", createdAt }]);
    assert.match(await (await get("/")).text(), /&lt;b&gt; &amp; more/);
  });

  it("takes an entry as JSON and lists it", async () => {
    const response = await post(JSON.stringify({ name: " Ada ", message: "Hello\0" }), json);
    const added = { id: "1", name: "Ada", message: "Hello", createdAt: createdAt.toISOString() };
    assert.equal(response.status, 201);
    assert.deepEqual(await response.json(), added);
    assert.deepEqual(await (await get("/entries")).json(), [added]);
    assert.deepEqual(announced, [{ ...added, createdAt }]);
  });

  it("shows the newest entry first, or last with the flag newestLast", async () => {
    entries = ["second", "first"].map((message) => ({ id: "1", name: "Ada", message, createdAt }));
    assert.match(await (await get("/")).text(), /second[^]*first/);
    options.release.featureFlags.newestLast = true;
    assert.match(await (await get("/")).text(), /first[^]*second/);
  });

  it("signs in from the form, by a cookie that scripts and other sites' posts have not", async () => {
    const response = await post("name=+Ada+", form, "/session");
    assert.deepEqual([response.status, response.headers.get("location")], [303, "/"]);
    assert.equal(
      response.headers.get("set-cookie"),
      "session=token-of-Ada; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax",
    );
    const signedIn = await get("/", { headers: { cookie: "theme=dark; session=token-of-Ada" } });
    assert.match(await signedIn.text(), /Signed in as <strong>Ada<\/strong>/);
  });

  it("signs in by JSON, and tells who is", async () => {
    const response = await post('{"name":"Ada"}', json, "/session");
    assert.deepEqual([response.status, await response.json()], [201, { name: "Ada" }]);
    const session = await get("/session", { headers: { cookie: "session=token-of-Ada" } });
    assert.deepEqual([session.status, await session.json()], [200, { name: "Ada" }]);
  });

  it("keeps the cookie to HTTPS where the browser came over it", async () => {
    const headers = { "content-type": json, "x-forwarded-proto": "https" };
    const response = await get("/session", { method: "POST", body: '{"name":"Ada"}', headers });
    assert.match(response.headers.get("set-cookie") ?? "", /; Secure$/);
  });

  it("knows nobody without a session, or with one that has ended", async () => {
    for (const headers of [{}, { cookie: "session=ended" }, { cookie: "session" }]) {
      const response = await get("/session", { headers });
      assert.deepEqual([response.status, await response.json()], [401, { error: "not signed in" }]);
    }
    assert.match(await (await get("/")).text(), /action="\/session"/);
  });

  it("refuses to sign in without a name", async () => {
    const error = "name must have 1 to 80 characters, but has 0";
    const response = await post("{}", json, "/session");
    assert.deepEqual([response.status, await response.json()], [422, { error }]);
    assert.match(await (await post("name=", form, "/session")).text(), new RegExp(`role="alert">${error}<`));
    assert.equal(users.size, 0);
  });

  for (const [fault, body, type, status, error] of [
    ["a missing name", '{"message":"x"}', json, 422, "name must have 1 to 80 characters, but has 0"],
    [
      "a long message",
      JSON.stringify({ name: "a", message: "é".repeat(501) }),
      json,
      422,
      "message must have 1 to 500 characters, but has 501",
    ],
    ["a body that is no object", "null", json, 422, "name must have 1 to 80 characters, but has 0"],
    ["broken JSON", "{", json, 400, "the body is not JSON"],
    ["another content type", "x", "text/plain", 415, "send a form or application/json"],
    [
      "a body over the limit",
      "x".repeat(bodyLimitBytes + 1),
      json,
      413,
      `the body has more than ${bodyLimitBytes} bytes`,
    ],
  ] as const) {
    it(`refuses ${fault} and keeps nothing`, async () => {
      const response = await post(body, type);
      assert.equal(response.status, status);
      assert.deepEqual(await response.json(), { error });
      assert.deepEqual([entries, announced], [[], []]);
    });
  }

  it("shows a form's fault on the page", async () => {
    const response = await post("name=&message=x", form);
    assert.equal(response.status, 422);
    assert.match(await response.text(), /<p role="alert">name must have 1 to 80 characters, but has 0<\/p>/);
  });

  it("answers slowly as asked, up to ten seconds", async () => {
    const startMs = performance.now();
    assert.deepEqual(await (await get("/slow?ms=50")).json(), { waitedMs: 50, version: "1.4.0" });
    assert.ok(performance.now() - startMs >= 49);
    for (const ms of ["10001", "-1", "1e3", "x"]) {
      const response = await get(`/slow?ms=${ms}`);
      assert.equal(response.status, 400);
      assert.deepEqual(await response.json(), { error: `ms is "${ms}", not a whole number from 0 to 10000` });
    }
  });

  it("answers HEAD without a body, other methods with those allowed, other paths with 404", async () => {
    const head = await get("/", { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [200, ""]);
    const put = await get("/entries", { method: "PUT" });
    assert.deepEqual([put.status, put.headers.get("allow")], [405, "GET, POST"]);
    assert.equal((await get("/nothing")).status, 404);
    assert.equal((await get("//")).status, 404);
  });

  it("answers 503 when a dependency fails, tells no client why, and logs it", async () => {
    options.guestBook.latest = () => Promise.reject(new Error("password authentication failed"));
    const response = await get("/");
    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), { error: "a dependency does not answer; /readyz says which" });
    assert.deepEqual(logged[0], [
      "error",
      "request failed",
      { path: "/", reason: "password authentication failed" },
    ]);
  });

  it("logs a request that failed or took long, without its query, and leaves the others to the gateway", async () => {
    await get("/healthz");
    await get("/entries?token=hunter2");
    assert.equal(logged.length, 0);
    await get("/slow?ms=1000");
    const [level, message, fields] = logged[0] ?? [];
    const { durationMs, ...others } = fields as { durationMs: number };
    assert.deepEqual(
      [level, message, others],
      ["info", "request", { method: "GET", path: "/slow", status: 200 }],
    );
    assert.ok(durationMs >= 1_000);
    assert.equal(logged.length, 1);
  });
});
