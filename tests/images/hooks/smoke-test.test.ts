import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, globalAgent, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { handler } from "../../../images/hooks/smoke-test";
import { context, stageEvent } from "./aws";

describe("smoke test hook", () => {
  let gateway: Server;
  let page: (path: string) => { status: number; body: string };
  let hosts: Set<string | undefined>;
  const trusted = globalAgent.options.ca;

  before(async function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), "smoke-"));
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    await execa("openssl", [
      ...[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
      ],
      ...["-subj", "/CN=staging.example.com", "-addext", "subjectAltName=DNS:staging.example.com"],
      ...["-keyout", key, "-out", cert],
    ]);
    const tls = { key: readFileSync(key), cert: readFileSync(cert) };
    rmSync(folder, { recursive: true });
    gateway = createServer(tls, (request, response) => {
      hosts.add(request.headers.host);
      const { status, body } = page(request.url ?? "");
      response.writeHead(status).end(body);
    });
    await new Promise<void>((listening) => gateway.listen(0, "127.0.0.1", listening));
    globalAgent.options.ca = tls.cert;
    Object.assign(process.env, {
      GATEWAY: "127.0.0.1",
      GATEWAY_PORT: String((gateway.address() as AddressInfo).port),
      HOST: "staging.example.com",
      TIMEOUT_SECONDS: "120",
    });
  });
  after(() => {
    globalAgent.options.ca = trusted;
    gateway.closeAllConnections();
    gateway.close();
  });
  beforeEach(() => {
    process.env["TIMEOUT_SECONDS"] = "120";
    hosts = new Set();
    page = (path) => ({ status: 200, body: path === "/version" ? '{"version":"1.4.0"}' : "" });
  });

  const started = 4_102_444_800_000;
  const checks = [
    { path: "/readyz", status: 200 },
    { path: "/version", status: 200, bodyIncludes: "1.4.0" },
  ];
  const ask = (details: Record<string, unknown> = {}) =>
    handler(stageEvent("POST_TEST_TRAFFIC_SHIFT", { checks, started, ...details }), context);

  it("passes a version whose checks all answer as they should, asked by the gateway's public name", async () => {
    assert.deepEqual(await ask(), { hookStatus: "SUCCEEDED" });
    assert.deepEqual([...hosts], ["staging.example.com"]);
  });

  it("tries three times before it fails a version that answers for another", async () => {
    page = () => ({ status: 200, body: "1.3.0" });
    const again = (attempt: number) => ({
      hookStatus: "IN_PROGRESS",
      callBackDelay: 10,
      hookDetails: { checks, started, attempt },
    });
    assert.deepEqual(await ask(), again(2));
    assert.deepEqual(await ask({ attempt: 2 }), again(3));
    assert.deepEqual(await ask({ attempt: 3 }), { hookStatus: "FAILED" });
  });

  it("fails a version that answers with another status, or not at all", async () => {
    page = () => ({ status: 503, body: "" });
    assert.deepEqual(await ask({ attempt: 3 }), { hookStatus: "FAILED" });
    process.env["HOST"] = "production.example.com";
    page = () => ({ status: 200, body: "1.4.0" });
    // The certificate is for another name.
    assert.deepEqual(await ask({ attempt: 3 }), { hookStatus: "FAILED" });
    process.env["HOST"] = "staging.example.com";
    assert.deepEqual(await ask({ attempt: 3 }), { hookStatus: "SUCCEEDED" });
  });
});
