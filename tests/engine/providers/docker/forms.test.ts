import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { credentialsFor, registryOf } from "../../../../engine/providers/docker/credentials";
import { formatDuration, parseDuration } from "../../../../engine/providers/docker/duration";
import { resolveEndpoint } from "../../../../engine/providers/docker/endpoint";
import { splitReference } from "../../../../engine/providers/docker/image-pull";
import { maskerOf } from "../../../../engine/providers/docker/mask";
import { demultiplexed } from "../../../../engine/providers/docker/stream";

describe("engine/providers/docker: durations", () => {
  it("writes them as Go does", () => {
    const written = ["90s", "1500ms", "0.5s", "1h", "60s", "0", "1h30m", "1µs", "10ns"].map((text) =>
      formatDuration(parseDuration(text) ?? NaN),
    );
    assert.deepEqual(written, ["1m30s", "1.5s", "500ms", "1h0m0s", "1m0s", "0s", "1h30m0s", "1µs", "10ns"]);
  });

  it("refuses what Go refuses", () => {
    for (const text of ["", "10", "1d", "s", "1 s", "abc"])
      assert.equal(parseDuration(text), undefined, text);
  });

  it("reads back every duration that it writes", () => {
    const milliseconds = fc.integer({ min: 0, max: 100_000_000 }).map((count) => count * 1e6);
    fc.assert(fc.property(milliseconds, (ns) => parseDuration(formatDuration(ns)) === ns));
  });
});

describe("engine/providers/docker: masking", () => {
  it("hides every value of the environment, and passwords within URLs, by name", () => {
    const mask = maskerOf(["PASSWORD=hunter2!", "URL=postgres://app:s3cr$&t@db/x", "ON=1", "NONE"]);
    assert.equal(
      mask("bad login hunter2! at postgres://app:s3cr$&t@db/x (s3cr$&t) 1"),
      "bad login [env PASSWORD] at [env URL] ([env URL]) 1",
    );
  });

  it("hides the longer of two values first", () => {
    assert.equal(maskerOf(["A=abcd", "B=abcdef"])("abcdef abcd"), "[env B] [env A]");
  });
});

describe("engine/providers/docker: endpoint", () => {
  const home = "/nonexistent";
  it("prefers the provider's host to DOCKER_HOST, and that to the usual socket", () => {
    const environment = { DOCKER_HOST: "tcp://10.0.0.1:2375" };
    assert.equal(
      resolveEndpoint({ host: "unix:///a.sock" }, environment, home).options.socketPath,
      "/a.sock",
    );
    assert.deepEqual(resolveEndpoint({}, environment, home), {
      url: "tcp://10.0.0.1:2375",
      options: { protocol: "http", host: "10.0.0.1", port: "2375" },
    });
    assert.equal(resolveEndpoint({}, {}, home).url, "unix:///var/run/docker.sock");
  });

  it("speaks TLS where it is given certificates", () => {
    const tls = { caMaterial: "ca", certMaterial: "cert", keyMaterial: "key" };
    assert.deepEqual(resolveEndpoint({ host: "tcp://h", ...tls }, {}, home).options, {
      protocol: "https",
      host: "h",
      port: 2376,
      ca: "ca",
      cert: "cert",
      key: "key",
    });
  });

  it("says what it cannot speak", () => {
    assert.throws(() => resolveEndpoint({ host: "ssh://h" }, {}, home), {
      message:
        'Docker host "ssh://h" is not supported: give unix://<socket>, npipe://<pipe>, tcp://<host>:<port> or ' +
        'https://<host>:<port> (for a host behind SSH: "ssh -NL <socket>:/var/run/docker.sock <host>")',
    });
  });

  it("finds a context where docker keeps it", () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-docker-"));
    // SHA-256 of "colima".
    const digest = "f24fd3749c1368328e2b149bec149cb6795619f244c5b584e844961215dadd16";
    const meta = join(folder, ".docker/contexts/meta", digest);
    mkdirSync(meta, { recursive: true });
    writeFileSync(join(meta, "meta.json"), '{"Endpoints":{"docker":{"Host":"unix:///c.sock"}}}');
    assert.equal(resolveEndpoint({ context: "colima" }, {}, folder).url, "unix:///c.sock");
    assert.throws(
      () => resolveEndpoint({}, { DOCKER_CONTEXT: "gone" }, folder),
      /there is no Docker context "gone"/,
    );
    rmSync(folder, { recursive: true });
  });
});

describe("engine/providers/docker: images and registries", () => {
  it("tells the registry of a reference", () => {
    const references = ["redis", "library/redis:7", "ghcr.io/a/b", "localhost:5000/a", "localhost/a"];
    assert.deepEqual(references.map(registryOf), [
      ...["registry-1.docker.io", "registry-1.docker.io", "ghcr.io", "localhost:5000", "localhost"],
    ]);
  });

  it("splits a reference as the daemon wants it", () => {
    assert.deepEqual(splitReference("redis"), { fromImage: "redis", tag: "latest" });
    assert.deepEqual(splitReference("h:5000/a/b:1.2"), { fromImage: "h:5000/a/b", tag: "1.2" });
    assert.deepEqual(splitReference("h:5000/a/b"), { fromImage: "h:5000/a/b", tag: "latest" });
    assert.deepEqual(splitReference("a:1@sha256:00"), { fromImage: "a", tag: "sha256:00" });
  });

  it("takes credentials from the provider's inputs, else from Docker's config file", async () => {
    const auth = Buffer.from("me:pa:ss").toString("base64");
    const configFileContent = JSON.stringify({ auths: { "https://index.docker.io/v1/": { auth } } });
    const registryAuth = [
      { address: "ghcr.io", username: "u", password: "p" },
      { address: "docker.io", configFileContent },
      { address: "open.example", authDisabled: true, username: "u" },
    ];
    assert.deepEqual(await credentialsFor("ghcr.io", { registryAuth }), {
      username: "u",
      password: "p",
      serveraddress: "ghcr.io",
    });
    assert.deepEqual(await credentialsFor("registry-1.docker.io", { registryAuth }), {
      username: "me",
      password: "pa:ss",
      serveraddress: "https://index.docker.io/v1/",
    });
    assert.equal(await credentialsFor("open.example", { registryAuth }), undefined);
    const missing = [{ address: "x.example", configFile: "/nonexistent/config.json" }];
    await assert.rejects(credentialsFor("x.example", { registryAuth: missing }), {
      message: "registryAuth: there is no config file /nonexistent/config.json",
    });
  });
});

describe("engine/providers/docker: logs", () => {
  it("takes a log's frames apart, unless it has a terminal", () => {
    const frame = (stream: number, text: string): Buffer => {
      const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
      header.writeUInt32BE(Buffer.byteLength(text), 4);
      return Buffer.concat([header, Buffer.from(text)]);
    };
    assert.equal(
      demultiplexed(Buffer.concat([frame(1, "out\n"), frame(2, "err é\n")]), false),
      "out\nerr é\n",
    );
    assert.equal(demultiplexed(Buffer.from("plain\r\n"), true), "plain\r\n");
  });
});
