import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createApp, type AppOptions } from "../../../images/sample/app";
import type { Entry } from "../../../images/sample/entry";
import { faultsOfFlows, handler } from "../../../images/synthetics/flows";

/** However busy the machine is. */
const generousMs = 60_000;

/** The sample service's own code; sample.docker.test.ts walks through the flows in its image, on Postgres and Redis. */
describe("key flows", () => {
  let server: Server;
  let url: string;
  let entries: Entry[];
  let options: AppOptions;

  beforeEach(async () => {
    entries = [];
    const users = new Map<string, string>();
    options = {
      guestBook: {
        ping: async () => undefined,
        add: async (entry) => {
          const added = { ...entry, id: String(entries.length + 1), createdAt: new Date(0) };
          entries.unshift(added);
          return added;
        },
        latest: async () => entries,
      },
      visits: { ping: async () => undefined, count: async () => 1 },
      sessions: {
        open: async (name) => {
          users.set("token", name);
          return "token";
        },
        nameOf: async (token) => users.get(token) ?? null,
      },
      announce: () => undefined,
      release: {
        version: "1.4.0",
        commit: "abc",
        featureFlags: { newestLast: false },
        toggles: { announcements: "mock" },
      },
      log: () => undefined,
      notReady: () => undefined,
      draining: () => false,
    };
    server = createServer((request, response) => createApp(options)(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("pass on the sample service, and leave one entry that says what it is", async () => {
    assert.deepEqual(await faultsOfFlows(url, generousMs), []);
    assert.deepEqual(
      entries.map(({ name, message }) => [name, message.replace(/\(.*\)/, "(…)")]),
      [["Synthetic check", "A check wrote this (…)."]],
    );
  });

  it("tell a homepage that comes too late", async () => {
    const [fault, ...others] = await faultsOfFlows(url, -1);
    assert.match(fault ?? "", /^homepage: GET \/ took \d+ ms, more than -1 ms$/);
    assert.deepEqual(others, []);
  });

  it("tell a sign-in that is not kept, and go on with the other flows", async () => {
    options.sessions.nameOf = async () => null;
    assert.deepEqual(await faultsOfFlows(url, generousMs), ["sign-in: GET /session answered 401, not 200"]);
    assert.equal(entries.length, 1);
  });

  it("tell an entry that was taken and is not there", async () => {
    options.guestBook.latest = async () => [];
    assert.deepEqual(await faultsOfFlows(url, generousMs), [
      "writing an entry: GET /entries does not have the entry just written",
    ]);
  });

  it("tell each flow that fails when a dependency is down", async () => {
    options.guestBook.latest = () => Promise.reject(new Error("down"));
    assert.deepEqual(await faultsOfFlows(url, generousMs), [
      "homepage: GET / answered 503, not 200",
      "writing an entry: GET /entries answered 503, not 200",
    ]);
  });

  it("fail the canary's run with what is wrong", async () => {
    options.sessions.open = () => Promise.reject(new Error("down"));
    process.env["BASE_URL"] = url;
    try {
      await assert.rejects(handler(), /sign-in: POST \/session answered 503, not 201/);
    } finally {
      delete process.env["BASE_URL"];
    }
  });
});
