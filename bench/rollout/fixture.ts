/** A stack of its own, on which releases go out under load: what happened to each request and to each write is counted. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { ImagesManifest } from "../../images/manifest";
import { openStack } from "../../pipeline/local";
import { policyArguments } from "../../pipeline/policy-arguments";
import { Load, summarize, type LoadReport } from "../load";
import { likeEverybody, makeProject, type Outcome, type Project } from "../project";
import { Variants, type ExtraMigration, type Fault } from "../variants";
import type { Scale } from "./scale";

/** What each update said. */
const logs = join(process.cwd(), ".slipway/bench/updates");

export interface ReleaseWish {
  readonly version: string;
  readonly strategy: Readonly<Record<string, unknown>>;
  /** @default none */
  readonly fault?: Fault;
  readonly migrations?: readonly ExtraMigration[];
  /** Other keys of the stack's configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** An update that runs. */
export interface Update {
  readonly outcome: Promise<Outcome>;
  kill(): void;
}

/** What happened under one load. */
export interface Finding {
  readonly name: string;
  readonly sent: number;
  readonly failed: number;
  /** Answers by version. */
  readonly versions: Readonly<Record<string, number>>;
  /** Of the failed, those that the broken version itself answered. */
  readonly failedByBroken: number;
  /** p99 of short GETs in milliseconds: before the command, until the traffic began to move, from then on until the command ended. */
  readonly p99: { readonly quiet: number; readonly prepare: number; readonly shift: number };
  /** From the command to its end. */
  readonly commandSeconds: number;
  /** From the command to the last request that the version which lost the traffic got; absent where none lost it. */
  readonly trafficMovedSeconds?: number;
  /** From the first failed request to the end of the last. */
  readonly downtimeSeconds: number;
  readonly writes: { readonly acknowledged: number; readonly lost: number; readonly twice: number };
  readonly sockets: LoadReport["sockets"];
  /** The load generator's share of one processor at most. */
  readonly loadCpuPercent: number;
  readonly failures: readonly string[];
  /** What should not have happened; empty when all is well. */
  readonly problems: readonly string[];
}

export interface Expectation {
  readonly name: string;
  /** The versions that may answer. */
  readonly versions: readonly string[];
  /** Failures that are no problem. @default none */
  readonly tolerated?: (failure: LoadReport["failures"][number], report: LoadReport) => boolean;
  readonly broken?: string;
  /** The version that is to lose all traffic. */
  readonly leaves?: string;
  /** Where the load goes. @default the stack's gateway */
  readonly url?: string;
  /** Requests to send at least, from the command on. @default the scale's */
  readonly leastRequests?: number;
}

export class Fixture {
  /** The version that is to have the traffic now. */
  live = "";
  private serial = 0;
  private loads = 0;
  private updates = 0;

  private constructor(
    readonly project: Project,
    readonly scale: Scale,
    private readonly variants: Variants,
    private readonly manifest: ImagesManifest,
  ) {}

  /** Brings backbone and a first version up. */
  static async make(name: string, scale: Scale): Promise<Fixture> {
    const project = await makeProject(name);
    try {
      must(await project.run("setup"), "set-up");
      const text = readFileSync(join(project.root, ".slipway/images.json"), "utf8");
      const manifest = ImagesManifest.parse(JSON.parse(text));
      const variants = new Variants(manifest.images.sample.reference, join(project.root, ".slipway/logs"));
      const fixture = new Fixture(project, scale, variants, manifest);
      const version = fixture.nextVersion();
      must(
        await (
          await fixture.release({ version, strategy: { kind: "direct" } })
        ).outcome,
        "the first release",
      );
      fixture.live = version;
      return fixture;
    } catch (error) {
      await project.run("down");
      await sweep(project.prefix);
      project.remove();
      throw error;
    }
  }

  /** Takes the stack down; where that fails, removes what is left of it by its names, and throws. */
  async remove(): Promise<void> {
    // The usual configuration again: what a release left half done must not keep the stack from being taken down.
    this.project.configure({});
    const down = await this.project.run("down");
    await sweep(this.project.prefix);
    await this.variants.remove();
    this.project.remove();
    must(down, "down");
  }

  /** 1.1.0, 1.2.0 … */
  nextVersion(): string {
    return `1.${++this.serial}.0`;
  }

  /** The sample service's own image. */
  get image(): string {
    return this.manifest.images.sample.reference;
  }

  container(name: string): string {
    return `${this.project.prefix}-${name}`;
  }

  /** Configures a release and starts the engine on it. */
  async release(wish: ReleaseWish): Promise<Update> {
    const { version, strategy, fault, migrations, config } = wish;
    const { images } = this.manifest;
    const plain = fault === undefined && migrations === undefined;
    const reference = plain
      ? images.sample.reference
      : await this.variants.build(fault ?? { kind: "none" }, migrations);
    const manifest = { ...this.manifest, images: { ...images, sample: { ...images.sample, reference } } };
    writeFileSync(join(this.project.root, ".slipway/images.json"), JSON.stringify(manifest));
    const { replicas, drainSeconds } = this.scale;
    this.project.configure({ version, strategy, replicas, drainSeconds, readyTimeoutSeconds: 60, ...config });
    return this.update("up", "--yes", "--skip-preview");
  }

  /** Starts the engine on what is configured, with the policy pack. */
  async update(...args: string[]): Promise<Update> {
    const { engine, workspace } = await openStack(this.project.root, () => undefined);
    const policies = args[0] === "up" ? policyArguments(workspace) : [];
    const stack = ["--stack", workspace.stack, "--config-file", workspace.configFile];
    const running = execa(engine.command, [...engine.leadingArguments, ...args, ...policies, ...stack], {
      ...{ cwd: this.project.root, env: workspace.environment },
      ...{ all: true, reject: false, stdin: "ignore" },
    });
    likeEverybody(running.pid);
    const log = join(logs, `${this.project.prefix}-${++this.updates}-${args[0]}.log`);
    mkdirSync(logs, { recursive: true });
    return {
      outcome: running.then(({ exitCode, all }) => {
        writeFileSync(log, all);
        return { exitCode, all };
      }),
      kill: () => void running.kill("SIGKILL"),
    };
  }

  /** The version that answers now. */
  async serving(): Promise<string> {
    const response = await fetch(`${this.project.url}/version`, { signal: AbortSignal.timeout(10_000) });
    return ((await response.json()) as { version: string }).version;
  }

  /** Runs a command under load and judges what happened to the requests. */
  async underLoad(expectation: Expectation, command: (load: Load) => Promise<void>): Promise<Finding> {
    const { perSecond, quietSeconds, webSockets, answerLimitSeconds } = this.scale;
    const before = this.live;
    const mark = `load${++this.loads}-${process.pid}`;
    const maxSeconds = 900;
    const load: Load = new Load({
      ...{
        url: expectation.url ?? this.project.url,
        perSecond,
        maxSeconds,
        webSockets,
        answerLimitSeconds,
        mark,
        maxRequests: perSecond * maxSeconds,
      },
      firstAnswer: (version) => {
        if (version !== before && load.currentPhase === "prepare") load.phase("shift");
      },
    });
    load.expect(...expectation.versions);
    load.start("quiet");
    await sleep(quietSeconds * 1000);
    load.phase("prepare");
    const commandAt = performance.now();
    const countBefore = load.count;
    const problems: string[] = [];
    await command(load).catch((error: unknown) => problems.push(`${expectation.name}: ${messageOf(error)}`));
    const commandSeconds = (performance.now() - commandAt) / 1000;
    load.phase("after");
    const least = expectation.leastRequests ?? this.scale.leastRequests;
    while (load.count - countBefore < least && !load.exhausted && problems.length === 0) await sleep(50);
    if (load.exhausted) problems.push("the load ended by its own bounds before the command did");
    const report = await load.stop();
    const stored = await this.stored(mark);
    return judge(expectation, report, stored, { commandAt, commandSeconds }, problems);
  }

  /** How often each of a load's messages is in Postgres. */
  private async stored(mark: string): Promise<Map<string, number>> {
    const query = `SELECT message FROM entries WHERE message LIKE '${mark}-%'`;
    const psql = ["psql", "-U", "slipway", "-tAc", query];
    const counts = new Map<string, number>();
    const { stdout } = await execa("docker", ["exec", this.container("postgres"), ...psql]);
    for (const message of stdout.split("\n")) counts.set(message, (counts.get(message) ?? 0) + 1);
    return counts;
  }
}

function judge(
  { name, tolerated = () => false, broken, leaves }: Expectation,
  report: LoadReport,
  stored: ReadonlyMap<string, number>,
  { commandAt, commandSeconds }: { commandAt: number; commandSeconds: number },
  problems: readonly string[],
): Finding {
  const { failures, acknowledged, phases } = report;
  const isBroken = (failure: { version?: string }): boolean =>
    broken !== undefined && failure.version === broken;
  const bad = failures.filter((failure) => !isBroken(failure) && !tolerated(failure, report));
  const lost = acknowledged.filter((message) => !stored.has(message)).length;
  const p99 = (phase: string): number => phases.find((each) => each.name === phase)?.p99 ?? NaN;
  const left = leaves === undefined ? undefined : report.versions[leaves];
  const downSince = Math.min(...failures.map(({ sentAt }) => sentAt));
  const downUntil = Math.max(...failures.map(({ failedAt }) => failedAt));
  return {
    name,
    sent: report.sent,
    failed: failures.length,
    versions: Object.fromEntries(
      Object.entries(report.versions).map(([each, { answers }]) => [each, answers]),
    ),
    failedByBroken: failures.filter(isBroken).length,
    p99: { quiet: p99("quiet"), prepare: p99("prepare"), shift: p99("shift") },
    commandSeconds,
    ...(left === undefined ? {} : { trafficMovedSeconds: (left.lastSentAt - commandAt) / 1000 }),
    downtimeSeconds: failures.length === 0 ? 0 : (downUntil - downSince) / 1000,
    writes: {
      acknowledged: acknowledged.length,
      lost,
      twice: [...stored.values()].filter((count) => count > 1).length,
    },
    sockets: report.sockets,
    loadCpuPercent: Math.max(...phases.map(({ cpuPercent }) => cpuPercent)),
    failures: summarize(failures),
    problems: [
      ...problems,
      ...(bad.length === 0
        ? []
        : [`${bad.length} requests failed: ${summarize(bad).slice(0, 10).join("; ")}`]),
      ...(lost === 0 ? [] : [`${lost} acknowledged writes are not in Postgres`]),
    ],
  };
}

/** Removes every container, volume and network whose name begins so. */
async function sweep(prefix: string): Promise<void> {
  const remove = async (list: readonly string[], command: readonly string[]): Promise<void> => {
    const { stdout } = await execa("docker", list);
    const names = stdout.split("\n").filter((name) => name.startsWith(`${prefix}-`));
    if (names.length > 0) await execa("docker", [...command, ...names]);
  };
  await remove(["ps", "--all", "--format", "{{.Names}}"], ["rm", "--force"]);
  await remove(["volume", "ls", "--format", "{{.Name}}"], ["volume", "rm"]);
  await remove(["network", "ls", "--format", "{{.Name}}"], ["network", "rm"]);
}

/** Throws with the output's end when a command failed. */
export function must({ exitCode, all }: Outcome, what: string): void {
  if (exitCode !== 0)
    throw new Error(`${what} failed (${exitCode}):\n${all.split("\n").slice(-40).join("\n")}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
