import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import Docker from "dockerode";
import { pack } from "tar-stream";
import { NoRegistryError, pullImage } from "../../../pipeline/setup/build";
import { askRegistry, prepareImages } from "../../../pipeline/setup/images";
import { UserError } from "../../../pipeline/user-error";

const docker = new Docker();
const digestOf = (content: Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;
const zeros = `sha256:${"0".repeat(64)}`;
/** Nothing listens on port 1. */
const dead = `127.0.0.1:1/slipway-test/debian@${zeros}`;
const refused = /dial tcp 127\.0\.0\.1:1: connect: connection refused/;

/** A registry with one image of one file; Docker takes plain HTTP from loopback. */
describe("an image registry", function () {
  this.timeout(240_000);
  let server: Server;
  let folder: string;
  let log: string;
  let pin: string;
  let missing: string;

  before(async () => {
    const tar = pack();
    tar.entry({ name: "hello" }, "hello");
    tar.finalize();
    const layer = await buffer(tar);
    const config = Buffer.from(
      JSON.stringify({
        architecture: "amd64",
        os: "linux",
        config: {},
        rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
      }),
    );
    const type = "application/vnd.docker.distribution.manifest.v2+json";
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: type,
        config: {
          mediaType: "application/vnd.docker.container.image.v1+json",
          size: config.length,
          digest: digestOf(config),
        },
        layers: [
          {
            mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
            size: layer.length,
            digest: digestOf(layer),
          },
        ],
      }),
    );
    const contents = new Map([manifest, config, layer].map((content) => [digestOf(content), content]));
    server = createServer((request, response) => {
      const content = contents.get(request.url?.split("/").at(-1) ?? "");
      if (request.url === "/v2/") response.end("{}");
      else if (!content) {
        response.writeHead(404, { "content-type": "application/json" });
        response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{}}]}');
      } else response.writeHead(200, { "content-type": type, "content-length": content.length }).end(content);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const name = `127.0.0.1:${(server.address() as AddressInfo).port}/slipway-test/hello`;
    pin = `${name}:1@${digestOf(manifest)}`;
    missing = `${name}@${zeros}`;
    folder = mkdtempSync(join(tmpdir(), "slipway-test-registry-"));
    log = join(folder, "logs", "pull.log");
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  it("is taken when it answers", async () => {
    const said: string[] = [];
    try {
      assert.equal(await askRegistry(docker, pin, folder, (line) => said.push(line)), "registry");
      assert.equal((await docker.getImage(pin.replace(":1@", "@")).inspect()).Os, "linux");
    } finally {
      await docker.getImage(pin.replace(":1@", "@")).remove();
    }
    assert.match(said.join("\n"), /^images: a registry answers, \d+ m?s$/);
  });

  it("leaves what it said in the log", async () => {
    await pullImage(docker, pin, log);
    await docker.getImage(pin.replace(":1@", "@")).remove();
    assert.match(readFileSync(log, "utf8"), /Pull complete/);
  });

  it("that lacks the pinned image is an error that names the pin", async () => {
    await assert.rejects(
      pullImage(docker, missing, log),
      (error) =>
        error instanceof UserError &&
        error.message.startsWith(`The registry has no ${missing} (`) &&
        error.message.endsWith("). Correct its digest in Pulumi.yaml."),
    );
  });

  it("that does not answer leaves Debian's packages, and the reason is told", async () => {
    const said: string[] = [];
    assert.equal(await askRegistry(docker, dead, folder, (line) => said.push(line)), "debian");
    assert.match(
      said.join("\n"),
      /^images: no registry answers \(.*connection refused\); building them from Debian's packages$/,
    );
    await assert.rejects(
      pullImage(docker, dead, log),
      (error) => error instanceof NoRegistryError && refused.test(error.message),
    );
  });

  it("that does not answer is an error where the registry was asked for", async () => {
    const pins = { postgres: dead, redis: dead, node: dead, debian: dead };
    await assert.rejects(
      prepareImages(docker, { images: "registry", pins, root: process.cwd(), say: () => undefined }),
      (error) =>
        error instanceof UserError &&
        error.message.startsWith(`No registry answers for ${dead} (`) &&
        refused.test(error.message) &&
        error.message.endsWith("they are then built here (a Postgres volume does not move along)."),
    );
  });
});
