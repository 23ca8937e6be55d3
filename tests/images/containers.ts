/** Containers for the tests of images: hardened as the stack's are, and gone afterwards. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { ImagesManifest } from "../../images/manifest";
import { setUpStack } from "../../pipeline/local";

export interface RunOptions {
  image: string;
  command?: string[];
  env?: Record<string, string>;
  /** Volume name (within the lab) and where it is mounted. */
  volume?: [name: string, path: string];
  tmpfs?: string[];
  user?: string;
  /** A port to publish on 127.0.0.1, at a free one. */
  port?: number;
}

/** The images of this checkout, made when they are not there. */
export async function preparedImages(): Promise<ImagesManifest["images"]> {
  await setUpStack(process.cwd(), "auto", () => undefined);
  return ImagesManifest.parse(JSON.parse(readFileSync(".slipway/images.json", "utf8"))).images;
}

/** A network of its own, with all that was started on it. */
export class Lab {
  readonly docker = new Docker();
  readonly prefix = `slipway-test-images-${randomBytes(4).toString("hex")}`;
  private readonly volumes = new Set<string>();

  async open(): Promise<void> {
    await this.docker.createNetwork({ Name: this.prefix, CheckDuplicate: true });
  }

  async close(): Promise<void> {
    const filters = { network: [this.prefix] };
    const containers = await this.docker.listContainers({ all: true, filters });
    await Promise.all(containers.map(({ Id }) => this.docker.getContainer(Id).remove({ force: true })));
    await Promise.all([...this.volumes].map((name) => this.docker.getVolume(name).remove()));
    await this.docker.getNetwork(this.prefix).remove();
  }

  /** Starts a container that the others reach by `name`: read-only root, no capabilities, limits, no new privileges. */
  async run(name: string, options: RunOptions): Promise<Docker.Container> {
    const volume = options.volume && `${this.prefix}-${options.volume[0]}`;
    if (volume) this.volumes.add(volume);
    const container = await this.docker.createContainer({
      name: `${this.prefix}-${name}`,
      Image: options.image,
      ...(options.command ? { Cmd: options.command } : {}),
      ...(options.user ? { User: options.user } : {}),
      Env: Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`),
      ...(options.port ? { ExposedPorts: { [`${options.port}/tcp`]: {} } } : {}),
      HostConfig: {
        NetworkMode: this.prefix,
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        Memory: 256 * 1024 * 1024,
        PidsLimit: 100,
        Tmpfs: Object.fromEntries((options.tmpfs ?? []).map((path) => [path, ""])),
        Binds: volume ? [`${volume}:${options.volume?.[1]}`] : [],
        PortBindings: options.port
          ? { [`${options.port}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: "0" }] }
          : {},
      },
      NetworkingConfig: { EndpointsConfig: { [this.prefix]: { Aliases: [name] } } },
    });
    await container.start();
    return container;
  }
}

/** Runs a command in a container: its exit code, and its output with the lines' ends trimmed. */
export async function exec(
  container: Docker.Container,
  command: string[],
  env: Record<string, string> = {},
): Promise<{ exitCode: number | null; output: string }> {
  const run = await container.exec({
    Cmd: command,
    Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
  });
  const output = await text(await run.start({ Tty: true }));
  const { ExitCode } = await run.inspect();
  return { exitCode: ExitCode, output: output.replaceAll("\r\n", "\n").trimEnd() };
}

/** All that a container wrote so far. */
export async function logs(container: Docker.Container): Promise<string> {
  const frames = await container.logs({ stdout: true, stderr: true });
  const pieces: Buffer[] = [];
  // Each piece comes with eight bytes before it, the last four its length.
  for (let at = 0; at < frames.length;) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    pieces.push(frames.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** Where a published port answers. */
export async function urlOf(container: Docker.Container, port: number): Promise<string> {
  const { NetworkSettings } = await container.inspect();
  return `http://127.0.0.1:${NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort}`;
}

/** Asks until the answer is what it should be. Throws with the last answer after `seconds`. */
export async function until<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
  seconds = 120,
): Promise<T> {
  const deadline = performance.now() + seconds * 1_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(answer)} after ${seconds} s`);
    await sleep(50);
  }
}

/** Postgres as the stack runs it. */
export function postgresOptions(image: string, password: string, extra: string[] = []): RunOptions {
  return {
    image,
    command: ["postgres", "-c", "shared_buffers=32MB", ...extra],
    user: "postgres",
    env: {
      POSTGRES_USER: "app",
      POSTGRES_PASSWORD: password,
      POSTGRES_DB: "book",
      PGDATA: "/var/lib/postgresql/data/pgdata",
    },
    volume: ["postgres", "/var/lib/postgresql/data"],
    tmpfs: ["/tmp", "/var/run/postgresql"],
  };
}

/** Redis as the stack runs it. */
export function redisOptions(image: string, password: string): RunOptions {
  return {
    image,
    command: [
      "sh",
      "-c",
      // Not through a pipe: the shell would stay as process 1, and swallow SIGTERM.
      "exec redis-server - --dir /data --appendonly yes --appendfsync always <<END\nrequirepass $REDIS_PASSWORD\nEND",
    ],
    user: "redis",
    env: { REDIS_PASSWORD: password },
    volume: ["redis", "/data"],
    tmpfs: ["/tmp"],
  };
}

/** Waits until Postgres takes connections over TCP: during its first start it does not. */
export async function untilPostgresAnswers(container: Docker.Container): Promise<void> {
  await until(
    () => exec(container, ["sh", "-c", 'pg_isready -h "$(hostname)"']),
    ({ exitCode }) => exitCode === 0,
  );
}
