import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InitError } from "../../../../engine/deploy/context";
import { createDockerProvider } from "../../../../engine/providers/docker/provider";
import type { Provider } from "../../../../engine/model";
import type { Properties } from "../../../../engine/values";
import { checkInputs, subjectOf, withFakeDocker } from "./support";

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
};
const routeOf = ({ method, url = "" }: IncomingMessage): string => `${method} ${url.replace(/\?.*/, "")}`;

async function createContainer(provider: Provider, news: Properties = {}): Promise<unknown> {
  const inputs = await checkInputs("Container", { name: "c", image: "i", ...news });
  return provider.create(subjectOf("Container", "c"), inputs, 0, false);
}

describe("engine/providers/docker: the daemon", () => {
  it("is not needed for a preview", async () => {
    const provider = createDockerProvider();
    await provider.configure(
      { urn: "u", type: "t", name: "d", id: "1" },
      { host: "unix:///nonexistent.sock" },
    );
    const inputs = await checkInputs("Volume", { name: "v" });
    const { id, properties } = await provider.create(subjectOf("Volume", "v"), inputs, 0, true);
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    assert.equal(id, "");
    assert.deepEqual(properties, {
      name: "v",
      driver: unknown,
      driverOpts: null,
      labels: [],
      cluster: null,
      mountpoint: unknown,
      id: unknown,
      __meta: '{"schema_version":"1"}',
    });
  });

  it("is named, with what to do, when it cannot be reached", async () => {
    const provider = createDockerProvider();
    await provider.configure(
      { urn: "u", type: "t", name: "d", id: "1" },
      { host: "unix:///nonexistent.sock" },
    );
    const inputs = await checkInputs("Volume", { name: "v" });
    await assert.rejects(provider.create(subjectOf("Volume", "v"), inputs, 0, false), {
      message:
        "Unable to create volume: cannot reach Docker at unix:///nonexistent.sock: there is no such socket (ENOENT). Start it " +
        '("systemctl start docker", or Docker Desktop), or name another daemon with DOCKER_HOST or the provider\'s `host`.',
    });
  });

  it("is told apart from a resource that is gone", async () => {
    const provider = createDockerProvider();
    await provider.configure(
      { urn: "u", type: "t", name: "d", id: "1" },
      { host: "unix:///nonexistent.sock" },
    );
    const subject = { ...subjectOf("Network", "n"), id: "abc" };
    await assert.rejects(provider.read(subject, { name: "n" }, { name: "n" }), /cannot reach Docker/);
  });

  it("loses nothing when it dies while a container is waited for", async () => {
    await withFakeDocker(
      (request, response) => {
        const route = routeOf(request);
        if (route === "POST /containers/create") answer(response, 201, { Id: "f".repeat(64) });
        else if (route === "POST /containers/" + "f".repeat(64) + "/start") response.writeHead(204).end();
        else if (route === "GET /events") response.writeHead(200).flushHeaders();
        else request.socket.destroy();
      },
      async (provider) => {
        const creating = createContainer(provider, { wait: true, healthcheck: { tests: ["CMD", "x"] } });
        await assert.rejects(creating, (error) => {
          assert.ok(error instanceof InitError);
          assert.equal(error.id, "f".repeat(64));
          assert.equal(error.properties.networkDatas, null);
          assert.match(
            error.message,
            /^cannot reach Docker at unix:.*: the connection was lost \(ECONNRESET\)/,
          );
          return true;
        });
      },
    );
  });

  it("removes a container that it could not start", async () => {
    const routes: string[] = [];
    await withFakeDocker(
      (request, response) => {
        const route = routeOf(request);
        routes.push(route);
        if (route === "POST /containers/create") answer(response, 201, { Id: "abc" });
        else if (route.endsWith("/start")) answer(response, 500, { message: "no such device" });
        else response.writeHead(204).end();
      },
      async (provider) => {
        await assert.rejects(createContainer(provider), {
          message: "Unable to start container: Error response from daemon: no such device",
        });
      },
    );
    assert.deepEqual(routes, [
      "POST /containers/create",
      "POST /containers/abc/start",
      "DELETE /containers/abc",
    ]);
  });

  it("never gets the environment in a URL", async () => {
    const urls: string[] = [];
    await withFakeDocker(
      (request, response) => {
        urls.push(request.url ?? "");
        answer(response, 500, { message: "no" });
      },
      async (provider) => {
        await assert.rejects(createContainer(provider, { envs: ["PASSWORD=hunter2"] }));
      },
    );
    assert.deepEqual(urls, ["/containers/create?name=c"]);
  });

  const portErrors = [
    "driver failed programming external connectivity on endpoint c (0a1b): Bind for 127.0.0.1:8080 failed: port is already allocated",
    "driver failed programming external connectivity on endpoint c (0a1b): Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use",
    "failed to set up container networking: driver failed programming external connectivity on endpoint c (0a1b): failed to bind host port for 127.0.0.1:8080:172.17.0.2:80/tcp: address already in use",
  ];
  for (const [holders, by] of [
    [
      [{ Names: ["/other"], Image: "redis:7", Ports: [{ PublicPort: 8080 }] }],
      'container "other" (image redis:7)',
    ],
    [[], 'something outside Docker (see "ss -ltnp sport = :8080")'],
  ] as const) {
    it(`tells that a port is taken by ${by}`, async () => {
      for (const message of portErrors) {
        await withFakeDocker(
          (request, response) => {
            const route = routeOf(request);
            if (route === "POST /containers/create") answer(response, 201, { Id: "abc" });
            else if (route.endsWith("/start")) answer(response, 500, { message });
            else if (route === "GET /containers/json") answer(response, 200, holders);
            else response.writeHead(204).end();
          },
          async (provider) => {
            await assert.rejects(createContainer(provider), {
              message:
                `Unable to start container: port 127.0.0.1:8080 is taken by ${by}. Stop that, or give another number in ` +
                "`ports[].external` (leave it out for a free one).",
            });
          },
        );
      }
    });
  }

  it("is asked for its version only where an older one would ignore an input", async () => {
    await withFakeDocker(
      (_request, response) => answer(response, 200, { ApiVersion: "1.41" }),
      async (provider) => {
        const mounts = [{ target: "/t", type: "volume", source: "v", volumeOptions: { subpath: "s" } }];
        await assert.rejects(createContainer(provider, { mounts }), {
          message:
            "mounts.volumeOptions.subpath needs Docker API 1.45, this daemon has 1.41: leave it out or upgrade Docker",
        });
      },
    );
  });

  it("pulls a missing image with its credentials, and shows why that failed", async () => {
    const asked: unknown[] = [];
    await withFakeDocker(
      (request, response) => {
        if (routeOf(request) === "POST /containers/create") {
          answer(response, 404, { message: "No such image: i:latest" });
          return;
        }
        const auth = String(request.headers["x-registry-auth"]);
        asked.push(request.url, JSON.parse(Buffer.from(auth, "base64url").toString()));
        response.writeHead(200).end('{"status":"Pulling"}\n{"errorDetail":{},"error":"denied"}\n');
      },
      async (provider) => {
        await assert.rejects(createContainer(provider), {
          message:
            'Unable to create container: image "i" is not in this Docker, and pulling it failed: denied. Check its name and that ' +
            "the registry registry-1.docker.io can be reached, or build or load it first.",
        });
      },
      { registryAuth: '[{"address":"docker.io","username":"u","password":"p"}]' },
    );
    const credentials = { username: "u", password: "p", serveraddress: "registry-1.docker.io" };
    assert.deepEqual(asked, ["/images/create?fromImage=i&tag=latest", credentials]);
  });

  it("pushes with the registry's credentials and answers the digest", async () => {
    const asked: unknown[] = [];
    await withFakeDocker(
      (request, response) => {
        request.resume();
        const route = routeOf(request);
        if (route === "POST /build") response.end('{"aux":{"ID":"sha256:1"}}\n');
        else if (route === "GET /images/sha256:1/json") answer(response, 200, { Id: "sha256:1" });
        else {
          const auth: unknown = JSON.parse(
            Buffer.from(String(request.headers["x-registry-auth"]), "base64url").toString(),
          );
          asked.push(request.url, auth);
          response.end('{"status":"x"}\n{"aux":{"Tag":"1","Digest":"sha256:2"}}\n');
        }
      },
      async (provider) => {
        const folder = mkdtempSync(join(tmpdir(), "slipway-docker-"));
        writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
        const registry = { server: "r.example", username: "u", password: "p" };
        const inputs = await checkInputs("Image", {
          imageName: "r.example/a:1",
          build: { context: folder },
          registry,
        });
        const { properties } = await provider.create(subjectOf("Image", "a"), inputs, 0, false);
        assert.equal(properties.repoDigest, "r.example/a@sha256:2");
        assert.equal(properties.registryServer, "r.example");
        rmSync(folder, { recursive: true });
      },
    );
    const credentials = { username: "u", password: "p", serveraddress: "r.example" };
    assert.deepEqual(asked, ["/images/r.example/a/push?tag=1", credentials]);
  });

  it("pulls an image that is there when it has pullTriggers", async () => {
    const routes: string[] = [];
    await withFakeDocker(
      (request, response) => {
        routes.push(routeOf(request));
        answer(response, 200, { Id: "sha256:1", RepoDigests: ["other@sha256:3", "redis@sha256:2"] });
      },
      async (provider) => {
        const inputs = await checkInputs("RemoteImage", { name: "redis:7", pullTriggers: ["x"] });
        const { id, properties } = await provider.create(subjectOf("RemoteImage", "r"), inputs, 0, false);
        assert.deepEqual([id, properties.repoDigest], ["sha256:1redis:7", "redis@sha256:2"]);
      },
    );
    const inspecting = "GET /images/redis:7/json";
    assert.deepEqual(routes, [inspecting, "POST /images/create", inspecting]);
  });
});
