import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { compatibilityDate, databaseBinding, versionBinding } from "../../../components/edge/edge";
import { openLive } from "../../../images/sample/live";
import { applyMigrations, execute } from "../../../pipeline/wrangler";

/** The bundle that is uploaded, in Cloudflare's own runtime (workerd) with a D1 database, before a service. */
describe("the Worker", function () {
  this.timeout(240_000);
  let folder: string;
  let service: Server;
  let worker: ChildProcess;
  let url: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "slipway-test-worker-"));
    service = createServer((request, response) => {
      const html = "<!doctype html><html><body><main><h1>Guest book</h1></main></body></html>";
      if (request.url === "/") {
        response.writeHead(200, {
          "content-type": "text/html; charset=utf-8",
          "x-frame-options": "SAMEORIGIN",
        });
        return response.end(html);
      }
      if (request.url === "/hangs-up") return request.socket.destroy();
      const status = request.url === "/down" ? 503 : 200;
      response.writeHead(status, { "content-type": "application/json", "set-cookie": "session=x" });
      return response.end(JSON.stringify({ method: request.method, path: request.url }));
    });
    openLive(service, "1.4.0");
    await new Promise<void>((done) => service.listen(0, "127.0.0.1", done));

    const d1 = { root: process.cwd(), folder, databaseName: "edge", local: true, accountId: "account" };
    await applyMigrations(d1);
    await execute(
      d1,
      `INSERT INTO notices (message, starts_at, ends_at) VALUES
         ('over', '2020-01-01T00:00:00Z', '2020-01-02T00:00:00Z'),
         ('Closed on <Monday>', '2021-01-01T00:00:00Z', '9999-01-01T00:00:00Z'),
         ('not yet', '9998-01-01T00:00:00Z', '9999-01-01T00:00:00Z')`,
    );
    ({ worker, url } = await startWorker(folder, (service.address() as AddressInfo).port));
  });
  after(async () => {
    if (worker?.exitCode === null) {
      const ended = once(worker, "exit");
      worker.kill("SIGTERM");
      await ended;
    }
    service.closeAllConnections();
    service.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(url + path, init);
  const asPerson = { headers: { accept: "text/html,*/*" } };

  it("tells the notices of now", async () => {
    const response = await get("/notices");
    assert.deepEqual(await response.json(), [
      { message: "Closed on <Monday>", startsAt: "2021-01-01T00:00:00Z", endsAt: "9999-01-01T00:00:00Z" },
    ]);
    assert.equal(response.headers.get("cache-control"), "public, max-age=30");
    const post = await get("/notices", { method: "POST" });
    assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET"]);
  });

  it("puts them on the service's pages, escaped", async () => {
    assert.equal(
      await (await get("/", asPerson)).text(),
      '<!doctype html><html><body><main><p role="status">Closed on &lt;Monday&gt;</p><h1>Guest book</h1></main></body></html>',
    );
  });

  it("guards browsers by headers, but leaves those the service set, and says which version it is", async () => {
    const { headers } = await get("/", asPerson);
    assert.deepEqual(
      [
        "referrer-policy",
        "permissions-policy",
        "cross-origin-opener-policy",
        "x-content-type-options",
        "x-frame-options",
      ].map((name) => headers.get(name)),
      [
        "strict-origin-when-cross-origin",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "same-origin",
        "nosniff",
        "SAMEORIGIN",
      ],
    );
    assert.match(headers.get("x-edge-version") ?? "", /^[0-9a-f-]{36}$/);
  });

  it("passes everything else through", async () => {
    const response = await get("/entries?a=1", { method: "POST", body: "x" });
    assert.deepEqual(await response.json(), { method: "POST", path: "/entries?a=1" });
    assert.equal(response.headers.get("set-cookie"), "session=x");
  });

  it("passes WebSockets through", async () => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/live`);
    const [message] = (await once(socket, "message")) as [Buffer];
    assert.deepEqual(JSON.parse(message.toString()), { version: "1.4.0" });
    socket.close();
    await once(socket, "close");
  });

  it("shows people a page of its own while the service does not answer, and programs the answer", async () => {
    const page = await get("/down", asPerson);
    assert.deepEqual(
      [page.status, page.headers.get("retry-after"), page.headers.get("cache-control")],
      [503, "30", "no-store"],
    );
    assert.match(await page.text(), /<h1>Back soon<\/h1>\n<p role="status">Closed on &lt;Monday&gt;<\/p>/);
    const program = await get("/down");
    assert.deepEqual([program.status, await program.json()], [503, { method: "GET", path: "/down" }]);
  });

  it("does so too when the service is not there at all", async () => {
    assert.equal((await get("/hangs-up", asPerson)).status, 503);
  });
});

/** Wrangler's development server, which says where it listens. */
async function startWorker(
  folder: string,
  upstreamPort: number,
): Promise<{ worker: ChildProcess; url: string }> {
  const config = join(folder, "worker.json");
  writeFileSync(
    config,
    JSON.stringify({
      name: "edge",
      main: resolve("images/worker/dist/worker.js"),
      no_bundle: true,
      compatibility_date: compatibilityDate,
      d1_databases: [{ binding: databaseBinding, database_name: "edge", database_id: "local" }],
      version_metadata: { binding: versionBinding },
    }),
  );
  const args = [
    ...[
      "node_modules/wrangler/bin/wrangler.js",
      "dev",
      "--config",
      config,
      "--local",
      "--persist-to",
      folder,
    ],
    ...[
      "--ip",
      "127.0.0.1",
      "--port",
      "0",
      "--inspector-port",
      "0",
      "--show-interactive-dev-session",
      "false",
    ],
    ...["--local-upstream", `127.0.0.1:${upstreamPort}`, "--upstream-protocol", "http"],
  ];
  const worker = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NODE_OPTIONS: "",
      FORCE_COLOR: "0",
      XDG_CONFIG_HOME: folder,
      WRANGLER_LOG_PATH: join(folder, "logs"),
      WRANGLER_HIDE_BANNER: "true",
      WRANGLER_SEND_METRICS: "false",
    },
  });
  const said: string[] = [];
  worker.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  for await (const line of createInterface({ input: worker.stdout })) {
    said.push(line);
    const [, url] = /Ready on (http:\/\/[\d.:]+)/.exec(line) ?? [];
    if (url !== undefined) {
      worker.stdout.resume();
      return { worker, url };
    }
  }
  throw new Error(`the Worker did not start:\n${said.join("\n")}`);
}
