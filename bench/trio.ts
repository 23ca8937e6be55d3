/** The backbone trio from nothing, images there, each healthy: the engine against docker-compose, in turn, in one run. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ImagesManifest } from "../images/manifest";
import { show, spread, time } from "./measure";

const root = process.cwd();
const runs = 5;

export async function benchTrio(say: (line: string) => void): Promise<void> {
  const compose = await findCompose();
  if (compose === undefined)
    say("no docker-compose here (Debian: apt-get install docker-compose): no peer in this run");
  const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  try {
    cpSync(join(root, "bench/trio-program"), folder, { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    mkdirSync(join(folder, "state"));
    writeFileSync(join(folder, "docker-compose.json"), JSON.stringify(description()));
    const env = {
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      COMPOSE_PROJECT_NAME: "slipway-bench",
    };
    const engine = (...args: string[]) =>
      time({ file: process.execPath, args: [join(root, "engine/dist/main.js"), ...args], cwd: folder, env });
    await engine("stack", "init", "bench");
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let run = 0; run < runs; run++) {
      ours.push(await engine("up", "--yes", "--skip-preview", "--stack", "bench"));
      await engine("destroy", "--yes", "--skip-preview", "--stack", "bench");
      if (compose === undefined) continue;
      const [file = "", ...leading] = compose;
      const call = (...args: string[]) =>
        time({ file, args: [...leading, "-f", "docker-compose.json", ...args], cwd: folder, env });
      const started = await call("up", "-d");
      theirs.push(started + (await untilHealthy()));
      await call("down", "-v", "-t", "0");
    }
    say(`engine ${show(spread(ours))}`);
    if (compose === undefined) return;
    say(`docker-compose ${show(spread(theirs))}`);
    say(`ratio ${show(spread(ours.map((value, run) => value / (theirs[run] ?? NaN))), "")}, aim at most 1.0`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The words of the command that runs docker-compose here; undefined where there is none. */
export async function findCompose(): Promise<string[] | undefined> {
  for (const command of [["docker-compose"], ["docker", "compose"]]) {
    const [file = "", ...args] = command;
    if ((await execa(file, [...args, "version"], { reject: false })).exitCode === 0) return command;
  }
  return undefined;
}

/** Seconds until all three are healthy; version 1 of docker-compose has no --wait. */
async function untilHealthy(): Promise<number> {
  const start = performance.now();
  for (;;) {
    const { stdout } = await execa("docker", [
      ...["inspect", "--format", "{{.State.Health.Status}}"],
      ...["slipway-bench-postgres", "slipway-bench-redis", "slipway-bench-gateway"],
    ]);
    if (stdout.split("\n").every((status) => status === "healthy")) return (performance.now() - start) / 1000;
    if (performance.now() - start > 60_000)
      throw new Error(`docker-compose's trio is not healthy: ${stdout}`);
  }
}

/** The trio in docker-compose's own format, on the images that set-up found or built. */
function description() {
  const { images } = ImagesManifest.parse(
    JSON.parse(readFileSync(join(root, ".slipway/images.json"), "utf8")),
  );
  const common = (name: string, image: string, test: string[]) => ({
    container_name: `slipway-bench-${name}`,
    image,
    networks: ["mesh"],
    healthcheck: { test: ["CMD", ...test], interval: "1s", timeout: "3s", retries: 30 },
  });
  return {
    version: "3.8",
    networks: { mesh: { name: "slipway-bench-mesh" } },
    services: {
      postgres: {
        ...common("postgres", images.postgres.reference, [
          "pg_isready",
          "-q",
          "-h",
          "127.0.0.1",
          "-U",
          "slipway",
        ]),
        user: "postgres",
        command: ["postgres"],
        environment: {
          POSTGRES_USER: "slipway",
          POSTGRES_DB: "slipway",
          POSTGRES_PASSWORD: "bench",
          PGDATA: "/var/lib/postgresql/data/pgdata",
        },
        tmpfs: ["/var/lib/postgresql/data", "/var/run/postgresql"],
      },
      redis: {
        ...common("redis", images.redis.reference, ["redis-cli", "ping"]),
        user: "redis",
        entrypoint: ["redis-server"],
        command: ["--dir", "/data"],
        tmpfs: ["/data"],
      },
      gateway: {
        ...common("gateway", images.gateway.reference, ["gateway-health"]),
        user: "haproxy",
        environment: { MAX_BODY_BYTES: "1048576" },
        tmpfs: ["/run/haproxy"],
      },
    },
  };
}
