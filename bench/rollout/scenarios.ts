/** What is done to a service under load: releases, ways back, broken releases, and faults in the middle of it. */
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { Load } from "../load";
import { likeEverybody } from "../project";
import { failingMigration, type ExtraMigration, type Fault } from "../variants";
import { must, type Expectation, type Finding, type Fixture } from "./fixture";
import { strategyOf, type Kind } from "./scale";

/** A good release; every request is answered, by the old version or the new. */
export async function deployment(fixture: Fixture, kind: Kind): Promise<Finding> {
  const [from, version] = [fixture.live, fixture.nextVersion()];
  const expectation = { name: `${kind}: deployment`, versions: [from, version], leaves: from };
  return fixture.underLoad(expectation, async () => {
    const update = await fixture.release({ version, strategy: strategyOf(kind, fixture.scale) });
    must(await update.outcome, `the release of ${version}`);
    await becomes(fixture, version);
  });
}

/** From the live version back to the one before, which is warm. */
export async function rollback(fixture: Fixture, kind: Kind, to: string): Promise<Finding> {
  const from = fixture.live;
  const expectation = { name: `${kind}: rollback`, versions: [from, to], leaves: from };
  return fixture.underLoad(expectation, async () => {
    must(await fixture.project.run("rollback", "local"), "the rollback");
    await becomes(fixture, to);
  });
}

/** How many of the requests may fail for what is wrong with the new version. */
type Toll = "none" | "its own answers" | "its share";

export interface BrokenRelease {
  readonly name: string;
  readonly fault?: Fault;
  readonly migrations?: readonly ExtraMigration[];
  readonly toll: Toll;
  /** What the engine's last lines must say. */
  readonly told: RegExp;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A bad release, which stops by itself; the old version serves throughout. */
export async function abort(fixture: Fixture, kind: Kind, release: BrokenRelease): Promise<Finding> {
  const [from, version] = [fixture.live, fixture.nextVersion()];
  const { name, toll, told, ...content } = release;
  const strategy = strategyOf(kind, fixture.scale);
  const share = Math.min(...(kind === "canary" ? fixture.scale.steps : [100]));
  const expectation: Expectation = {
    name: `${kind}: abort, ${name}`,
    versions: [from, version],
    leaves: version,
    ...(toll === "none" ? {} : { broken: version }),
    // No version stands in the gateway's own answers: as many may be the broken version's as got its share.
    ...(toll !== "its share"
      ? {}
      : {
          tolerated: (failure, { failures, phases }) =>
            failure.version === undefined &&
            failures.length <= ((phases.find((phase) => phase.name === "shift")?.sent ?? 0) * share) / 100,
        }),
  };
  return fixture.underLoad(expectation, async () => {
    const update = await fixture.release({ version, strategy, ...content });
    const { exitCode, all } = await update.outcome;
    if (exitCode === 0) throw new Error(`${version} was released, although it is broken (${name})`);
    if (!told.test(all)) throw new Error(`the abort does not say ${told}:\n${all.slice(-3000)}`);
    await becomes(fixture, from);
  });
}

export function brokenReleases({ scale }: Fixture): BrokenRelease[] {
  return [
    {
      name: "never healthy",
      fault: { kind: "never-healthy" },
      toll: "none",
      told: /health/i,
      config: { readyTimeoutSeconds: 10 },
    },
    {
      name: "half its answers 500",
      fault: { kind: "errors", amount: 50 },
      toll: "its own answers",
      told: /errors?/,
    },
    { name: "slow", fault: { kind: "slow", amount: 1_000 }, toll: "none", told: /p95/ },
    {
      name: `crashes after ${scale.crashSeconds} s`,
      fault: { kind: "crash", amount: scale.crashSeconds },
      toll: "its share",
      told: /down|errors?/i,
    },
    { name: "fails its smoke test", fault: { kind: "smoke" }, toll: "none", told: /smoke/i },
    {
      name: "failing migration",
      migrations: [failingMigration],
      toll: "none",
      told: /902_fail|no_such_table/,
    },
    {
      name: "leaks memory past its limit",
      fault: { kind: "leak", amount: 8 },
      toll: "its share",
      told: /down|errors?/i,
      config: { serviceMemoryMb: 96 },
    },
  ];
}

/** The state of the engine from before the last release: that release is forgotten, then found again. */
export async function lostState(fixture: Fixture): Promise<Finding> {
  const [from, version] = [fixture.live, fixture.nextVersion()];
  const state = join(fixture.project.root, ".slipway/state");
  const next = fixture.nextVersion();
  const expectation = { name: "state lost, refreshed", versions: [from, version, next] };
  return fixture.underLoad(expectation, async () => {
    cpSync(state, `${state}.before`, { recursive: true });
    const strategy = strategyOf("blue-green", fixture.scale);
    must(await (await fixture.release({ version, strategy })).outcome, `the release of ${version}`);
    rmSync(state, { recursive: true });
    cpSync(`${state}.before`, state, { recursive: true });
    rmSync(`${state}.before`, { recursive: true });
    must(await (await fixture.update("refresh", "--yes", "--skip-preview")).outcome, "refresh");
    must(await (await fixture.release({ version: next, strategy })).outcome, `the release of ${next}`);
    await becomes(fixture, next);
  });
}

export interface MidwayFault {
  readonly name: string;
  /** May requests fail while it lasts? Writes that were acknowledged are never lost. */
  readonly costsRequests: boolean;
  happen(fixture: Fixture, kill: () => void): Promise<unknown>;
}

const docker = (...args: string[]): Promise<unknown> => execa("docker", args);

export const midwayFaults: readonly MidwayFault[] = [
  { name: "engine killed", costsRequests: false, happen: async (_, kill) => kill() },
  {
    name: "gateway killed",
    costsRequests: true,
    happen: (fixture) => docker("kill", fixture.container("gateway")),
  },
  {
    name: "Postgres restarted",
    costsRequests: true,
    happen: (fixture) => docker("restart", fixture.container("postgres")),
  },
  {
    name: "Redis gone",
    costsRequests: true,
    happen: (fixture) => docker("rm", "--force", fixture.container("redis")),
  },
];

/** For all containers of this machine, whoever they belong to: only where it is asked for by name. */
export const dockerRestart: MidwayFault = {
  name: "Docker restarted",
  costsRequests: true,
  async happen() {
    if (existsSync("/run/systemd/system")) return execa("systemctl", ["restart", "docker"]);
    const pid = Number(readFileSync("/var/run/docker.pid", "utf8"));
    process.kill(pid, "SIGTERM");
    while (existsSync(`/proc/${pid}`)) await sleep(50);
    const setUp = execa(process.execPath, ["pipeline/dist/main.js", "setup"]);
    likeEverybody(setUp.pid);
    return setUp;
  },
};

/** A fault in the first bake of a canary; afterwards one `up` brings what was declared. */
export async function faultMidway(fixture: Fixture, fault: MidwayFault): Promise<Finding> {
  const [from, version] = [fixture.live, fixture.nextVersion()];
  const strategy = { ...strategyOf("canary", fixture.scale), steps: [50, 100] };
  const expectation: Expectation = {
    name: `midway: ${fault.name}`,
    versions: [from, version],
    tolerated: () => fault.costsRequests,
  };
  return fixture.underLoad(expectation, async (load) => {
    const update = await fixture.release({ version, strategy });
    await Promise.race([
      firstAnswer(load, version),
      update.outcome.then((outcome) => must(outcome, version)),
    ]);
    await fault.happen(fixture, () => update.kill());
    await update.outcome;
    must(await (await fixture.release({ version, strategy })).outcome, "the one `up` afterwards");
    await becomes(fixture, version);
  });
}

async function firstAnswer(load: Load, version: string): Promise<void> {
  while (load.sighting(version) === undefined && !load.exhausted) await sleep(20);
}

/** Throws when another version has the traffic. */
async function becomes(fixture: Fixture, version: string): Promise<void> {
  for (let i = 0; i < 10; i++) {
    const serving = await fixture.serving();
    if (serving !== version) throw new Error(`${serving} has traffic, and not ${version} all of it`);
  }
  fixture.live = version;
}
