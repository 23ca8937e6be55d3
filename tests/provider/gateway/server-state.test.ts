import assert from "node:assert/strict";
import fc from "fast-check";
import { backendName } from "../../../provider/gateway/backends";
import { nextServerState } from "../../../provider/gateway/server-state";
import { anyBackend } from "../support/any-backend";

const shown = `Pid: 8
1
# be_id be_name srv_id srv_name srv_addr srv_op_state
4 sample-1.0.0 1 s1 172.18.0.2 2 0 1 1 15 3 2 6 0 0 0 c1 8080 - 0 0 - - 0
5 sample-2.0.0 1 s1 172.18.0.3 0 0 1 1 15 3 2 6 0 0 0 c2 8080 - 0 0 - - 0
`;
const one = {
  ...{ service: "sample", version: "1.0.0", healthPath: "/" },
  servers: [{ name: "s1", container: "c1", port: 8080 }],
};
const two = { ...one, version: "2.0.0", servers: [{ name: "s1", container: "c2", port: 8080 }] };
const states = (text: string) =>
  [...text.matchAll(/^\d+ (\S+) \d+ (\S+) \S+ (\d \d) /gm)].map(([, backend, server, state]) =>
    [backend, server, state].join(" "),
  );

describe("the server state of a new worker", () => {
  it("takes over what the old worker knew", () => {
    assert.deepEqual(states(nextServerState(shown, [one, two], [one, two])), [
      "sample-1.0.0 s1 2 0",
      "sample-2.0.0 s1 0 0",
    ]);
  });

  it("starts a server in drain that is new, has another container, or another health path", () => {
    const added = { ...one, servers: [...one.servers, { name: "s2", container: "c3", port: 8080 }] };
    const moved = { ...one, servers: [{ name: "s1", container: "c9", port: 8080 }] };
    const checked = { ...one, healthPath: "/readyz" };
    const after = (next: typeof one) => states(nextServerState(shown, [one, two], [next]));
    assert.deepEqual(after(added), ["sample-1.0.0 s1 2 0", "sample-2.0.0 s1 0 0", "sample-1.0.0 s2 0 8"]);
    assert.deepEqual(after(moved), ["sample-2.0.0 s1 0 0", "sample-1.0.0 s1 0 8"]);
    assert.deepEqual(after(checked), ["sample-2.0.0 s1 0 0", "sample-1.0.0 s1 0 8"]);
  });

  it("has one line for each new server, and HAProxy's 25 columns in each line", () => {
    fc.assert(
      fc.property(anyBackend, (backend) => {
        const lines = nextServerState("", [], [backend]).split("\n").slice(2, -1);
        assert.equal(lines.length, backend.servers.length);
        for (const line of lines) assert.equal(line.split(" ").length, 25);
        assert.deepEqual(
          lines.map((line) => line.split(" ")[1]),
          backend.servers.map(() => backendName(backend)),
        );
      }),
    );
  });
});
