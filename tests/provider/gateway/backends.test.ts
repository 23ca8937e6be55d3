import assert from "node:assert/strict";
import fc from "fast-check";
import {
  backendName,
  parseBackends,
  renderBackends,
  withBackend,
  withoutBackend,
} from "../../../provider/gateway/backends";
import { backendSchema } from "../../../provider/schema/backend";
import { anyBackend } from "../support/any-backend";

const anyBackends = fc.uniqueArray(anyBackend, { maxLength: 4, selector: backendName });

describe("backends.cfg", () => {
  it("is written as HAProxy reads it", () => {
    const servers = [
      { name: "s1", container: "sample-1.4.0-1", port: 8080 },
      { name: "s2", container: "sample-1.4.0-2", port: 8080 },
    ];
    const text = renderBackends([{ service: "sample", version: "1.4.0", healthPath: "/readyz", servers }]);
    assert.equal(
      text,
      `# Written by the slipway provider: one backend per deployed version.

backend sample-1.4.0 from slipway
    option httpchk GET /readyz
    http-check expect status 200
    http-request disable-l7-retry unless METH_GET
    force-persist if { nbsrv eq 0 }
    use-server s1 if { nbsrv eq 0 } { rand(2) eq 0 }
    use-server s2 if { nbsrv eq 0 } { rand(1) eq 0 }
    server s1 sample-1.4.0-1:8080
    server s2 sample-1.4.0-2:8080
`,
    );
  });

  it("reads back what it writes, for every input that the schema accepts", () => {
    fc.assert(
      fc.property(anyBackends, (backends) => {
        const times = { gateway: "g", readyTimeoutSeconds: 1, drainSeconds: 0 };
        for (const backend of backends) backendSchema.parse({ ...backend, ...times });
        assert.deepEqual(parseBackends(renderBackends(backends)), backends);
      }),
    );
  });

  it("refuses a text that somebody changed, however little", () => {
    const text = renderBackends([{ service: "a", version: "1.0.0", healthPath: "/", servers: [] }]);
    for (const changed of [`${text}    balance leastconn\n`, text.replace("200", "204"), ""]) {
      assert.throws(() => parseBackends(changed), /^Error: The gateway's backends\.cfg was changed by hand/);
    }
  });

  it("tells services and versions apart by name", () => {
    fc.assert(
      fc.property(anyBackend, anyBackend, (a, b) => {
        const same = a.service === b.service && a.version === b.version;
        assert.equal(backendName(a) === backendName(b), same);
      }),
    );
  });

  it("replaces a backend of the same name, and keeps the others", () => {
    fc.assert(
      fc.property(anyBackends, anyBackend, (backends, backend) => {
        const others = withoutBackend(backends, backendName(backend));
        assert.deepEqual(withBackend(backends, backend), [...others, backend]);
        assert.ok(!others.some((other) => backendName(other) === backendName(backend)));
      }),
    );
  });
});
