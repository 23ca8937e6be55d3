/** What other tools lose in a release of the same service under the same load; each only where it can be had. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { freePort } from "../project";
import { findCompose } from "../trio";
import type { Finding, Fixture } from "./fixture";

type Say = (text: string) => void;
export type Peer = (fixture: Fixture, tell: (finding: Finding) => void, say: Say) => Promise<void>;

const kamalProxy = "github.com/basecamp/kamal-proxy/cmd/kamal-proxy@v0.9.2";

export const peers: Readonly<Record<string, Peer>> = {
  "kamal-proxy": benchKamalProxy,
  compose: benchCompose,
};

/** kamal-proxy before two containers: `deploy` of the second, which drains the first. */
async function benchKamalProxy(fixture: Fixture, tell: (finding: Finding) => void, say: Say): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-kamal-"));
  const containers = ["peer-a", "peer-b"].map((name) => fixture.container(name));
  const controller = new AbortController();
  let proxy: Promise<unknown> | undefined;
  try {
    const file = await findKamalProxy(folder);
    if (file === undefined)
      return say("kamal-proxy: not on PATH, and go cannot install it here: no peer in this run");
    const env = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_RUNTIME_DIR: folder };
    const [port, tlsPort] = [await freePort(), await freePort()];
    proxy = execa(file, ["run", "--http-port", String(port), "--https-port", String(tlsPort)], {
      ...{ env, reject: false, cancelSignal: controller.signal, stdio: "ignore" },
    });
    const deploy = async (index: number): Promise<void> => {
      const container = containers[index] ?? "";
      const target = `${await addressOf(container)}:8080`;
      await execa(file, ["deploy", "sample", "--target", target, "--health-check-path", "/readyz"], { env });
    };
    await run(fixture, containers[0] ?? "", "0.1.0");
    await eventually(() => deploy(0));
    const url = `http://127.0.0.1:${port}`;
    const expectation = {
      name: "kamal-proxy: deployment",
      versions: [],
      leaves: "0.1.0",
      tolerated: () => true,
      url,
    };
    tell(
      await fixture.underLoad(expectation, async () => {
        await run(fixture, containers[1] ?? "", "0.2.0");
        await deploy(1);
        await execa("docker", ["stop", "--time", "15", containers[0] ?? ""]);
      }),
    );
  } finally {
    controller.abort();
    await proxy;
    await execa("docker", ["rm", "--force", ...containers], { reject: false });
    rmSync(folder, { recursive: true, force: true });
  }
}

async function findKamalProxy(folder: string): Promise<string | undefined> {
  if ((await execa("kamal-proxy", ["--help"], { reject: false })).exitCode === 0) return "kamal-proxy";
  const env = { GOBIN: folder };
  const installed = await execa("go", ["install", kamalProxy], { env, reject: false, timeout: 300_000 });
  return installed.exitCode === 0 ? join(folder, "kamal-proxy") : undefined;
}

/** docker-compose, which replaces the container of a service whose version changes. */
async function benchCompose(fixture: Fixture, tell: (finding: Finding) => void, say: Say): Promise<void> {
  const compose = await findCompose();
  if (compose === undefined)
    return say("docker-compose: not here (Debian: apt-get install docker-compose): no peer in this run");
  const folder = mkdtempSync(join(tmpdir(), "slipway-compose-"));
  const [file = "", ...leading] = compose;
  const environment = await environmentOf(fixture);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const description = {
    version: "3.8",
    networks: { mesh: { external: true, name: fixture.project.network } },
    services: {
      web: {
        image: fixture.image,
        networks: ["mesh"],
        // Names only: the values come from the command's own environment.
        environment: Object.keys(environment),
        ports: [`127.0.0.1:${port}:8080`],
        stop_grace_period: "15s",
      },
    },
  };
  writeFileSync(join(folder, "docker-compose.json"), JSON.stringify(description));
  const call = (version: string, ...args: string[]) =>
    execa(file, [...leading, "-f", "docker-compose.json", ...args], {
      cwd: folder,
      env: { ...environment, APP_VERSION: version, COMPOSE_PROJECT_NAME: fixture.container("compose") },
    });
  const serves = (version: string) =>
    eventually(async () => {
      const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
      if (response.status !== 200 || response.headers.get("x-app-version") !== version)
        throw new Error("not yet");
    });
  try {
    await call("0.1.0", "up", "-d");
    await serves("0.1.0");
    const expectation = {
      name: "docker-compose: up",
      versions: [],
      leaves: "0.1.0",
      tolerated: () => true,
      url,
    };
    tell(
      await fixture.underLoad(expectation, async () => {
        await call("0.2.0", "up", "-d");
        await serves("0.2.0");
      }),
    );
  } finally {
    await call("0.2.0", "down");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the sample service beside the fixture's own. */
async function run(fixture: Fixture, name: string, version: string): Promise<void> {
  const environment: Record<string, string> = { ...(await environmentOf(fixture)), APP_VERSION: version };
  const names = Object.keys(environment).flatMap((each) => ["--env", each]);
  await execa(
    "docker",
    ["run", "--detach", "--name", name, "--network", fixture.project.network, ...names, fixture.image],
    {
      env: environment,
    },
  );
}

/** What the live version's container was given, where its Postgres and Redis are. */
async function environmentOf(fixture: Fixture): Promise<Record<string, string>> {
  const container = fixture.container(`sample-${fixture.live}-1`);
  const { stdout } = await execa("docker", ["inspect", "--format", "{{json .Config.Env}}", container]);
  const entries = (JSON.parse(stdout) as string[]).map((text) => text.split(/=(.*)/s).slice(0, 2));
  return Object.fromEntries(entries.filter(([key]) => key !== "PATH")) as Record<string, string>;
}

async function addressOf(container: string): Promise<string> {
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  return (await execa("docker", ["inspect", "--format", format, container])).stdout.trim();
}

async function eventually(attempt: () => Promise<void>): Promise<void> {
  for (const end = performance.now() + 60_000; ;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(50);
    }
  }
}
