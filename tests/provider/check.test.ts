import assert from "node:assert/strict";
import { checkInputs, pathText } from "../../provider/check";
import { backendSchema } from "../../provider/schema/backend";
import { releaseSchema } from "../../provider/schema/release";
import { rolloutSchema } from "../../provider/schema/rollout";
import { smokeTestSchema } from "../../provider/schema/smoke-test";
import type { Properties } from "../../engine/values";
import { UNKNOWN, makeSecret } from "../../engine/values";

const backend: Properties = {
  ...{ gateway: "slipway-gateway", service: "sample", version: "1.4.0", healthPath: "/readyz" },
  ...{ readyTimeoutSeconds: 30, drainSeconds: 10 },
  servers: [{ name: "s1", container: "sample-1.4.0", port: 8080 }],
};
const reasons = (schema: Parameters<typeof checkInputs>[0], inputs: Properties) =>
  checkInputs(schema, inputs).map(({ property, reason }) => [property, reason]);

describe("check", () => {
  it("has nothing to say about good inputs", () => {
    assert.deepEqual(checkInputs(backendSchema, backend), []);
    assert.deepEqual(
      checkInputs(releaseSchema, {
        ...{ service: "sample", version: "0.1.0-0123456", environment: "local", evidence: [] },
        ...{ commit: "a".repeat(40), images: { sample: `sha256:${"0".repeat(64)}` } },
      }),
      [],
    );
  });

  it("names every fault at once: the property, the value, what is allowed", () => {
    const inputs = {
      ...backend,
      ...{ service: "Sample_1", version: "1.4", drainSeconds: -1, healtPath: "/" },
      servers: [
        { name: "s1", container: "sample-1.4.0", port: 70000 },
        { name: "s1", container: "no such", port: 8080.5 },
      ],
    };
    const wholePort = "a whole number from 1 to 65535";
    assert.deepEqual(reasons(backendSchema, inputs).sort(), [
      ["drainSeconds", "drainSeconds is -1; allowed: a whole number of seconds from 0 to 3600"],
      ["healtPath", "healtPath is not known here: is it misspelt?"],
      ["servers[0].port", `servers[0].port is 70000; allowed: ${wholePort}`],
      [
        "servers[1].container",
        'servers[1].container is "no such"; allowed: a container\'s name: letters, digits, dots, dashes and underscores, at most 128',
      ],
      ["servers[1].port", `servers[1].port is 8080.5; allowed: ${wholePort}`],
      [
        "service",
        'service is "Sample_1"; allowed: 1 to 40 lower-case letters, digits and dashes, beginning with a letter and not ending with a dash',
      ],
      [
        "version",
        'version is "1.4"; allowed: a semantic version without build metadata, such as "1.4.0" or "1.4.0-rc.1"',
      ],
    ]);
  });

  it("takes what the environment before runs, with the times of its proof in UTC", () => {
    const image = `sha256:${"0".repeat(64)}`;
    const upstream = {
      ...{ stack: "organization/slipway/staging", version: "1.4.0", commit: "a".repeat(40) },
      ...{ images: { sample: image }, smokePassedAt: "2026-11-30T10:00:00Z" },
    };
    const release = {
      ...{ service: "sample", version: "1.4.0", environment: "production", evidence: [] },
      ...{ commit: "a".repeat(40), images: { sample: image } },
    };
    assert.deepEqual(reasons(releaseSchema, { ...release, upstream }), []);
    assert.deepEqual(
      reasons(releaseSchema, { ...release, upstream: { ...upstream, liveSince: "yesterday" } }),
      [
        [
          "upstream.liveSince",
          'upstream.liveSince is "yesterday"; allowed: an ISO time in UTC, such as "2026-11-30T10:00:00Z"',
        ],
      ],
    );
  });

  it("says what is missing, empty, doubled or of another kind", () => {
    assert.deepEqual(reasons(rolloutSchema, { strategy: { kind: "yolo" } }), [
      [
        "gateway",
        "gateway is missing; allowed: a container's name: letters, digits, dots, dashes and underscores, at most 128",
      ],
      [
        "service",
        "service is missing; allowed: 1 to 40 lower-case letters, digits and dashes, beginning with a letter and not ending with a dash",
      ],
      ["pathPrefix", 'pathPrefix is missing; allowed: "/" or a path prefix such as "/api"'],
      [
        "version",
        'version is missing; allowed: a semantic version without build metadata, such as "1.4.0" or "1.4.0-rc.1"',
      ],
      [
        "strategy.kind",
        'strategy.kind is "yolo"; allowed: an object with the kind "direct", "blue-green", "canary" or "rolling"',
      ],
      ["smokeTest", "smokeTest is missing; allowed: the id of a resource"],
      ["environment", 'environment is missing; allowed: an environment\'s name, such as "staging"'],
      [
        "history",
        "history is missing; allowed: the path of the journal, relative to the project's folder or absolute",
      ],
    ]);
    const server = { name: "s1", container: "c", port: 1 };
    assert.deepEqual(reasons(backendSchema, { ...backend, servers: [] }), [
      ["servers", "servers is []; allowed: a list of at least one server {name, container, port}"],
    ]);
    assert.deepEqual(reasons(backendSchema, { ...backend, servers: [server, server] }), [
      [
        "servers",
        'servers is [{"name":"s1","container":"c","port":1},{"name":"s1","container":"c","port":1}]; allowed: servers with different names',
      ],
    ]);
  });

  it("takes what is not known yet on trust, and nothing beside it", () => {
    assert.deepEqual(checkInputs(backendSchema, { ...backend, gateway: UNKNOWN, servers: UNKNOWN }), []);
    const servers = [{ name: UNKNOWN, container: UNKNOWN, port: UNKNOWN }];
    assert.deepEqual(checkInputs(backendSchema, { ...backend, servers }), []);
    assert.deepEqual(
      reasons(backendSchema, { ...backend, servers, version: "x" }).map(([property]) => property),
      ["version"],
    );
  });

  it("checks a secret value and does not show it", () => {
    const inputs = {
      ...{ gatewayUrl: makeSecret("ftp://user:hunter2@host"), service: "sample", version: "1.0.0" },
      ...{ checks: [{ path: makeSecret("/x"), status: 200 }], timeoutSeconds: 5, backend: "b" },
    };
    assert.deepEqual(reasons(smokeTestSchema, inputs), [
      [
        "gatewayUrl",
        'gatewayUrl is [secret]; allowed: an http or https address without a path, such as "http://127.0.0.1:8080"',
      ],
    ]);
  });

  it("shortens a long value", () => {
    const [failure] = checkInputs(backendSchema, { ...backend, service: "x".repeat(500) });
    assert.match(failure?.reason ?? "", /^service is "x{79}…; allowed: /);
  });

  it("refuses an image that is not pinned, a commit that is shortened", () => {
    const release = { service: "sample", version: "1.0.0", environment: "local", evidence: [] };
    assert.deepEqual(
      reasons(releaseSchema, { ...release, commit: "abc", images: { "my app": "nginx:latest" } }),
      [
        ["commit", 'commit is "abc"; allowed: a full commit id, 40 hexadecimal digits'],
        [
          'images["my app"]',
          'images["my app"] is "nginx:latest"; allowed: a pinned image: "sha256:<64 hex>" or "name@sha256:<64 hex>"',
        ],
      ],
    );
  });

  it("writes paths as Pulumi does", () => {
    assert.equal(pathText(["servers", 0, "port"]), "servers[0].port");
    assert.equal(pathText(["images", "my app"]), 'images["my app"]');
  });
});
