/** A gateway and servers behind it, on real Docker: what the provider's tests operate. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type Agent, request } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import Docker from "dockerode";
import { ImagesManifest } from "../../../images/manifest";
import { describeContainer, exec, hasEnded } from "../../../provider/docker";
import { openGateway } from "../../../provider/gateway/gateway";
import type { NewEntry } from "../../../provider/history/entry";
import { runOnce } from "../../../provider/one-off";
import type { Context } from "../../../provider/resource";
import type { BackendInputs } from "../../../provider/schema/backend";
import type { RolloutInputs } from "../../../provider/schema/rollout";
import type { Strategy } from "../../../provider/schema/strategy";

const docker = new Docker();

/** An image, as set-up made it. */
function imageOf(name: keyof ImagesManifest["images"]): string {
  const manifest = readFileSync(".slipway/images.json", "utf8");
  return ImagesManifest.parse(JSON.parse(manifest)).images[name].reference;
}

const echoServer = `
const sockets = new Set();
const server = require("node:http").createServer((_, response) => response.end("version=echo"));
server.on("upgrade", (_, socket) => {
  sockets.add(socket);
  socket.write("HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\\r\\n\\r\\n");
  socket.on("data", (data) => socket.write(data)).on("error", () => undefined);
});
server.listen(8080);
process.on("SIGTERM", () => {
  for (const socket of sockets) socket.end("bye");
  server.close(() => process.exit(0));
});
`;

/**
 * A server for the gateway, made of HAProxy too: it answers its version, and after 2 s on /slow. In its environment: SICK makes
 * /healthz answer 503, FAIL everything else 500, SLOW everything else wait 2 s.
 */
const serverConfig = `
global
    maxconn 500
    nbthread 1
defaults
    mode http
    timeout client 30s
    timeout server 30s
    timeout connect 1s
    timeout tarpit 2s
frontend server
    bind :8080
    http-request return status 503 if { path /healthz } { env(SICK) -m found }
    http-request return status 200 if { path /healthz }
    http-request return status 500 if { env(FAIL) -m found }
    http-request tarpit deny_status 200 if { path /slow } || { env(SLOW) -m found }
    http-request return status 200 content-type text/plain lf-string "version=%[env(VERSION)] path=%[path] id=%[req.hdr(x-request-id)] for=%[req.hdr(x-forwarded-for)] preview=%[req.hdr(x-slipway-version)] weight=%[req.hdr(x-slipway-weight)]" hdr Server haproxy hdr X-Powered-By haproxy
`;

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export class Rig {
  readonly prefix = `slipway-test-provider-${randomBytes(4).toString("hex")}`;
  readonly gateway = `${this.prefix}-gateway`;
  readonly cancel = new AbortController();
  readonly recorded: NewEntry[] = [];
  readonly said: string[] = [];
  readonly context: Context = {
    ...{ signal: this.cancel.signal, openGateway, exec, hasEnded, describeContainer, runOnce },
    record: async (_, entry) => this.recorded.push(entry),
    progress: (message) => this.said.push(message),
  };
  url = "";
  private readonly containers: string[] = [];
  image = "";

  static async start(): Promise<Rig> {
    const rig = new Rig();
    rig.image = imageOf("gateway");
    await docker.createNetwork({ Name: rig.prefix, CheckDuplicate: true });
    await rig.run(rig.gateway, {
      Image: rig.image,
      User: "haproxy",
      Env: ["MAX_BODY_BYTES=1000"],
      ExposedPorts: { "8080/tcp": {} },
      HostConfig: {
        NetworkMode: rig.prefix,
        Binds: [`${rig.prefix}:/var/lib/gateway`],
        PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges:true"],
        Memory: 128 * 1024 * 1024,
        Tmpfs: { "/run/haproxy": "rw,noexec,nosuid,nodev,mode=1777,size=16m" },
        Init: true,
      },
    });
    await rig.awaitGateway();
    return rig;
  }

  /** Waits until the gateway answers, at the port that it has now. */
  async awaitGateway(): Promise<void> {
    await eventually("the gateway answers", async () => {
      const { NetworkSettings: network } = await docker.getContainer(this.gateway).inspect();
      const port = network.Ports["8080/tcp"]?.[0]?.HostPort;
      if (port === undefined) return false;
      this.url = `http://127.0.0.1:${port}`;
      return (await this.get("/")).status > 0;
    });
  }

  async restartGateway(): Promise<void> {
    await docker.getContainer(this.gateway).restart({ t: 1 });
    await this.awaitGateway();
  }

  /** Starts a server of a version; its name is the one it answers to on the network. */
  async server(name: string, env: readonly string[] = []): Promise<string> {
    const container = `${this.prefix}-${name}`;
    await this.run(container, {
      Image: this.image,
      Env: [`CONFIG=${serverConfig}`, ...env],
      Cmd: ["sh", "-c", 'printf %s "$CONFIG" >/tmp/server.cfg; exec haproxy -db -f /tmp/server.cfg'],
      StopSignal: "SIGTERM",
      HostConfig: { NetworkMode: this.prefix },
    });
    return container;
  }

  /** Starts a container that the rig removes. */
  async run(name: string, options: Docker.ContainerCreateOptions): Promise<void> {
    this.containers.push(name);
    const container = await docker.createContainer({ name, ...options });
    await container.start();
  }

  /** Starts a server that takes every upgrade, sends back what it gets, and says bye when it is stopped. */
  async echoServer(name: string): Promise<string> {
    const container = `${this.prefix}-${name}`;
    await this.run(container, {
      Image: imageOf("sample"),
      Entrypoint: ["node", "-e", echoServer],
      Cmd: [],
      HostConfig: { NetworkMode: this.prefix, Init: true },
    });
    return container;
  }

  async stopServer(container: string): Promise<void> {
    await docker.getContainer(container).stop({ t: 10 });
  }

  /** An upgraded connection through the gateway; what is sent on it is no real WebSocket frame, which the gateway does not mind. */
  async webSocket(path: string): Promise<Duplex> {
    // The key of RFC 6455's example; the gateway checks that the server's answer fits it.
    const headers = {
      ...{ connection: "Upgrade", upgrade: "websocket" },
      ...{ "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" },
    };
    const call = request(this.url, { path, headers, agent: false }).end();
    const [, socket] = (await once(call, "upgrade")) as [unknown, Duplex];
    return socket;
  }

  async kill(container: string): Promise<void> {
    await docker.getContainer(container).kill();
  }

  async remove(container: string): Promise<void> {
    await docker.getContainer(container).remove({ force: true, v: true });
  }

  /** Inputs of a Backend with one server per container. */
  backend(service: string, version: string, ...containers: string[]): BackendInputs {
    const servers = containers.map((container, index) => ({ name: `s${index + 1}`, container, port: 8080 }));
    const times = { readyTimeoutSeconds: 60, drainSeconds: 10 };
    return { gateway: this.gateway, service, version, servers, healthPath: "/healthz", ...times };
  }

  rollout(
    service: string,
    version: string,
    pathPrefix = "/",
    strategy: Strategy = { kind: "direct" },
  ): RolloutInputs {
    return {
      ...{ gateway: this.gateway, service, version, pathPrefix, strategy },
      ...{ smokeTest: `${service}-${version}`, environment: "local", history: "history.jsonl" },
    };
  }

  async get(path: string, headers: Record<string, string> = {}, agent?: Agent): Promise<Answer> {
    return send(this.url, { path, headers, ...(agent === undefined ? {} : { agent }) });
  }

  async inGateway(...command: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)("docker", ["exec", this.gateway, ...command]);
    return stdout;
  }

  async stop(): Promise<void> {
    await Promise.all(this.containers.map((container) => this.remove(container).catch(() => undefined)));
    await docker.getNetwork(this.prefix).remove();
    await docker.getVolume(this.prefix).remove();
  }
}

export async function send(
  url: string,
  options: {
    path?: string;
    method?: string;
    headers?: Record<string, string>;
    agent?: Agent | false;
    body?: string;
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { body, ...rest } = options;
    const call = request(url, { agent: false, timeout: 10_000, ...rest }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    call.on("timeout", () => call.destroy(new Error("no answer within 10 s"))).on("error", reject);
    call.end(body);
  });
}

/** Polls until it holds, for at most 15 s; an error counts as "not yet". */
export async function eventually(
  what: string,
  holds: () => Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await sleep(50);
  }
}
