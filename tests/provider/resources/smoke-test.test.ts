import assert from "node:assert/strict";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { smokeTest } from "../../../provider/resources/smoke-test";
import type { SmokeTestInputs } from "../../../provider/schema/smoke-test";
import { FakeGateway, contextOf } from "../support/fake-gateway";

describe("SmokeTest", () => {
  let server: Server;
  let seen: string[];
  const listen = (port = 0) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const port = () => (server.address() as AddressInfo).port;

  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      seen.push(`${request.url} ${String(request.headers["x-slipway-version"])}`);
      if (request.url === "/silent") return;
      if (request.url === "/moved") response.statusCode = 302;
      if (request.url === "/broken") response.statusCode = 500;
      response.end(request.url === "/" ? "hello from 1.0.0" : "oops, password=hunter2");
    });
    await listen();
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const inputs = (...checks: SmokeTestInputs["checks"]): SmokeTestInputs => ({
    ...{ gatewayUrl: `http://127.0.0.1:${port()}`, service: "sample", version: "1.0.0" },
    ...{ checks, timeoutSeconds: 5, backend: "sample-1.0.0" },
  });
  const context = (signal?: AbortSignal) => contextOf(new FakeGateway(), signal);

  it("asks the version under test by its full name, each check in turn", async () => {
    const outputs = await smokeTest.create(
      inputs({ path: "/", status: 200, bodyIncludes: "1.0.0" }, { path: "/moved", status: 302 }),
      context(),
    );
    assert.deepEqual(seen, ["/ sample-1.0.0", "/moved sample-1.0.0"]);
    assert.deepEqual(
      outputs.results.map(({ path, status }) => [path, status]),
      [
        ["/", 200],
        ["/moved", 302],
      ],
    );
    assert.match(outputs.passedAt, /^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it("names every check that fails, what was expected, what came, and a bit of the body without secrets", async () => {
    const failing = smokeTest.create(
      inputs(
        { path: "/broken", status: 200 },
        { path: "/", status: 200, bodyIncludes: "2.0.0" },
        { path: "/moved", status: 302 },
      ),
      context(),
    );
    await assert.rejects(failing, {
      message:
        "The smoke test of sample-1.0.0 failed, so it gets no traffic; what was live before is still live.\n" +
        "GET /broken: expected status 200, got 500 with the body: oops, password=***\n" +
        'GET /: expected a body that contains "2.0.0", got 200 with the body: hello from 1.0.0',
    });
  });

  it("waits for a gateway that does not listen yet", async () => {
    const wanted = inputs({ path: "/", status: 200 });
    const free = port();
    await new Promise((resolve) => server.close(resolve));
    const passed = smokeTest.create(wanted, context());
    setTimeout(() => void listen(free), 300);
    assert.equal((await passed).results[0]?.status, 200);
  });

  it("does not repeat a request that was answered, however badly", async () => {
    await assert.rejects(smokeTest.create(inputs({ path: "/broken", status: 200 }), context()));
    assert.deepEqual(seen, ["/broken sample-1.0.0"]);
  });

  it("ends at its timeout", async () => {
    const wanted = {
      ...inputs({ path: "/silent", status: 200 }, { path: "/", status: 200 }),
      timeoutSeconds: 1,
    };
    await assert.rejects(smokeTest.create(wanted, context()), {
      message:
        "The smoke test of sample-1.0.0 failed, so it gets no traffic; what was live before is still live.\n" +
        "GET /silent: expected status 200, got no answer within 1 s for all checks.",
    });
  });

  it("ends at once when it is cancelled", async () => {
    const cancel = new AbortController();
    server.once("request", () => cancel.abort(new Error("Cancelled.")));
    const cancelled = smokeTest.create(inputs({ path: "/silent", status: 200 }), context(cancel.signal));
    await assert.rejects(cancelled, { message: "Cancelled." });
  });

  it("does not test again what passed, unless the checks or the address change", async () => {
    const wanted = inputs({ path: "/", status: 200 });
    const state = { ...wanted, passedAt: "2026-01-01T00:00:00.000Z", results: [] };
    const same = await smokeTest.update({ ...wanted, timeoutSeconds: 9 }, state, context());
    assert.deepEqual(same, { passedAt: state.passedAt, results: [] });
    assert.deepEqual(seen, []);
    await smokeTest.update(
      inputs({ path: "/", status: 200 }, { path: "/moved", status: 302 }),
      state,
      context(),
    );
    assert.equal(seen.length, 2);
  });
});
