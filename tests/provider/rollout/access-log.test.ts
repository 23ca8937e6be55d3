import assert from "node:assert/strict";
import fc from "fast-check";
import { Figures, parseRequest } from "../../../provider/rollout/access-log";

const line = (more: object) =>
  JSON.stringify({
    ...{ time: "2026-01-01T00:00:00Z", requestId: "r", service: "sample", version: "sample-1.0.0" },
    ...{ server: "s1", method: "GET", path: "/", status: 200, ms: 7, bytes: 300, termination: "--" },
    ...more,
  });

describe("the gateway's access log", () => {
  it("tells a version's request, and how long it took", () => {
    assert.deepEqual(parseRequest(line({})), { backend: "sample-1.0.0", failed: false, milliseconds: 7 });
  });

  it("counts as failed what the service did not answer, or not to the end", () => {
    const failed = (more: object) => parseRequest(line(more))?.failed;
    assert.equal(failed({ status: 500 }), true);
    assert.equal(failed({ status: 503, server: "<NOSRV>" }), true);
    assert.equal(failed({ termination: "SD" }), true);
    assert.equal(failed({ termination: "sD" }), true);
    assert.equal(failed({ status: 404 }), false);
    assert.equal(failed({ termination: "CD" }), false);
  });

  it("does not take a WebSocket's life for a latency", () => {
    const webSocket = line({ status: 101, ms: 3_600_000, termination: "SD" });
    assert.deepEqual(parseRequest(webSocket), { backend: "sample-1.0.0", failed: false });
  });

  it("passes over what is no request of a version, or was given up by the client", () => {
    for (const text of [
      "",
      "[NOTICE] (1) : New worker",
      "{",
      "{}",
      "null",
      line({ version: "-" }),
      line({ status: -1 }),
    ]) {
      assert.equal(parseRequest(text), undefined, text);
    }
    fc.assert(fc.property(fc.string(), (text) => void parseRequest(text)));
  });

  it("gives the latency that 95 of 100 requests keep to, exactly below a second", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 300 }),
        (latencies) => {
          const figures = new Figures();
          for (const milliseconds of latencies) figures.add({ backend: "b", failed: false, milliseconds });
          const sorted = latencies.toSorted((a, b) => a - b);
          assert.equal(figures.p95Milliseconds(), sorted[Math.ceil(sorted.length * 0.95) - 1]);
        },
      ),
    );
  });

  it("counts what is slower than a limit", () => {
    const figures = new Figures();
    for (const milliseconds of [1, 2, 3, 12_345]) figures.add({ backend: "b", failed: false, milliseconds });
    assert.deepEqual(figures.slowerThan(2), { measured: 4, slower: 2 });
    assert.equal(figures.p95Milliseconds(), 12_300);
    assert.deepEqual(figures.traffic(2), { requests: 4, errors: 2, p95Milliseconds: 12_300 });
    assert.deepEqual(new Figures().traffic(), { requests: 0, errors: 0 });
  });
});
