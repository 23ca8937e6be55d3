import assert from "node:assert/strict";
import { backend } from "../../../provider/resources/backend";
import type { BackendInputs } from "../../../provider/schema/backend";
import { FakeGateway, contextOf } from "../support/fake-gateway";

const inputs: BackendInputs = {
  ...{ gateway: "g", service: "sample", version: "1.0.0", healthPath: "/healthz" },
  ...{ readyTimeoutSeconds: 1, drainSeconds: 0 },
  servers: [{ name: "s1", container: "sample-1", port: 8080 }],
};
const definition = {
  ...{ service: "sample", version: "1.0.0", healthPath: "/healthz" },
  servers: inputs.servers,
};

describe("Backend", () => {
  it("changes nothing in the gateway for another timeout", async () => {
    const gateway = new FakeGateway();
    await backend.update({ ...inputs, drainSeconds: 5 }, inputs, contextOf(gateway));
    assert.deepEqual(gateway.calls, []);
  });

  it("is removed when drainSeconds are over, whatever is still in flight", async () => {
    const gateway = new FakeGateway();
    gateway.backends = [definition];
    await backend.delete(inputs, contextOf(gateway));
    assert.deepEqual(gateway.backends, []);
    assert.ok(gateway.calls.includes("setServerStates sample-1.0.0/s1 drain"));
  });

  it("gets its requests again when its removal is cancelled while it drains", async () => {
    const gateway = new FakeGateway();
    gateway.backends = [definition];
    const cancel = new AbortController();
    gateway.before = (call) => {
      if (call === "isDrained") cancel.abort(new Error("Cancelled."));
    };
    const deleted = backend.delete({ ...inputs, drainSeconds: 60 }, contextOf(gateway, cancel.signal));
    await assert.rejects(deleted, { message: "Cancelled." });
    assert.deepEqual(gateway.backends, [definition]);
    assert.equal(gateway.calls.at(-1), "setServerStates sample-1.0.0/s1 ready");
  });

  it("is taken out again when its creation is cancelled while it warms up", async () => {
    const gateway = new FakeGateway();
    gateway.down.add("sample-1.0.0/s1");
    const cancel = new AbortController();
    gateway.before = (call) => {
      if (call === "servers") cancel.abort(new Error("Cancelled."));
    };
    await assert.rejects(backend.create(inputs, contextOf(gateway, cancel.signal)), {
      message: "Cancelled.",
    });
    assert.deepEqual(gateway.backends, []);
  });

  it("goes back to its former servers when the new ones are not healthy", async () => {
    const gateway = new FakeGateway();
    gateway.backends = [definition];
    gateway.down.add("sample-1.0.0/s2");
    const servers = [{ name: "s2", container: "sample-2", port: 8080 }];
    await assert.rejects(backend.update({ ...inputs, servers }, inputs, contextOf(gateway)), {
      message:
        "sample-1.0.0 did not become healthy within 1 s, so it gets no traffic; what was live before is still live.\n" +
        "GET /healthz must answer 200: s2 (sample-2:8080) is DOWN L4CON.\n" +
        "Container sample-2: running. It logged nothing.",
    });
    assert.deepEqual(gateway.backends, [definition]);
  });

  it("stays in the gateway while it is live, as stable or as a candidate with a share", async () => {
    const gateway = new FakeGateway();
    gateway.backends = [definition];
    for (const route of ["1.0.0|-|0", "0.9.0|1.0.0|5"]) {
      gateway.routes.set("sample", route);
      await assert.rejects(backend.delete(inputs, contextOf(gateway)), /^Error: sample-1\.0\.0 is live/);
    }
    assert.ok(!gateway.calls.some((call) => call.startsWith("setServerStates")));
    gateway.routes.set("sample", "0.9.0|1.0.0|0");
    await backend.delete(inputs, contextOf(gateway));
    assert.deepEqual(gateway.backends, []);
  });

  it("shows what somebody changed in the gateway as drift", async () => {
    const gateway = new FakeGateway();
    const servers = [{ name: "s9", container: "other", port: 1 }];
    gateway.backends = [{ ...definition, servers }];
    const seen = await backend.read(inputs, contextOf(gateway));
    assert.deepEqual(seen, { healthPath: "/healthz", servers });
    assert.deepEqual(backend.drift?.({ ...definition, servers: inputs.servers }, { ...seen }), ["servers"]);
  });
});
