/**
 * `npm run bench:rollout [-- parts] [-- --scale 0.2]`: releases under load on a stack of its own, which is removed afterwards. Prints a
 * table, writes `.slipway/bench/rollout.json`, and ends with 1 when a request or a write was lost that should not have been.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Fixture, type Finding } from "./fixture";
import { peers } from "./peers";
import { full, scaledBy, type Kind } from "./scale";
import {
  abort,
  brokenReleases,
  deployment,
  dockerRestart,
  faultMidway,
  lostState,
  midwayFaults,
  rollback,
} from "./scenarios";

type Tell = (finding: Finding) => void;
type Part = (fixture: Fixture, tell: Tell, say: (text: string) => void) => Promise<void>;

/** A release, the way back, and a release that turns out slow: all without a failed request. */
async function wholeStrategy(fixture: Fixture, kind: Kind, tell: Tell): Promise<void> {
  const before = fixture.live;
  tell(await deployment(fixture, kind));
  tell(await rollback(fixture, kind, before));
  const slow = brokenReleases(fixture).find(({ name }) => name === "slow");
  if (slow !== undefined) tell(await abort(fixture, kind, slow));
}

const parts: Readonly<Record<string, Part>> = {
  "blue-green": (fixture, tell) => wholeStrategy(fixture, "blue-green", tell),
  canary: (fixture, tell) => wholeStrategy(fixture, "canary", tell),
  rolling: (fixture, tell) => wholeStrategy(fixture, "rolling", tell),
  direct: async (fixture, tell) => tell(await deployment(fixture, "direct")),
  broken: async (fixture, tell) => {
    for (const release of brokenReleases(fixture)) tell(await abort(fixture, "canary", release));
  },
  /** v1, v2 aborted, v3 aborted, v4, back to v1, v5 by another strategy, and a state that forgot a release. */
  sequences: async (fixture, tell) => {
    const errors = brokenReleases(fixture)[1];
    if (errors === undefined) return;
    tell(await abort(fixture, "canary", errors));
    tell(await abort(fixture, "blue-green", errors));
    const before = fixture.live;
    tell(await deployment(fixture, "canary"));
    tell(await rollback(fixture, "canary", before));
    tell(await deployment(fixture, "rolling"));
    tell(await lostState(fixture));
  },
  faults: async (fixture, tell) => {
    for (const fault of midwayFaults) tell(await faultMidway(fixture, fault));
  },
  ...peers,
  "docker-restart": async (fixture, tell) => tell(await faultMidway(fixture, dockerRestart)),
};
/** What restarts every container of the machine is not done unasked. */
const unasked = Object.keys(parts).filter((name) => name !== "docker-restart");

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { scale: { type: "string", default: "1" } },
    allowPositionals: true,
  });
  const names = Object.keys(parts);
  const unknown = positionals.find((name) => !names.includes(name));
  const part = Number(values.scale);
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}"; there are ${names.join(", ")}.`);
  if (!(part > 0 && part <= 1))
    throw new Error(`--scale is "${values.scale}", not a number above 0, up to 1.`);
  const scale = part === 1 ? full : scaledBy(part);
  const wanted = positionals.length === 0 ? unasked : positionals;

  const findings: Finding[] = [];
  const problems: string[] = [];
  const tell: Tell = (finding) => {
    findings.push(finding);
    problems.push(...finding.problems.map((problem) => `${finding.name}: ${problem}`));
    say(describe(finding));
  };
  say(`${scale.perSecond} requests/s, at least ${scale.leastRequests} from each command on\n${heading}`);
  // The load stands for users, who have machines of their own: what is measured here must not slow them down. Only root may ask for it.
  if (process.getuid?.() === 0) setPriority(constants.priority.PRIORITY_HIGH);
  const fixture = await Fixture.make("bench", scale);
  try {
    for (const name of wanted) {
      const fault = (error: unknown): unknown => problems.push(`${name} broke off: ${String(error)}`);
      await parts[name]?.(fixture, tell, say).catch(fault);
    }
  } finally {
    await fixture.remove();
  }
  write({ at: new Date().toISOString(), scale, findings, problems });
  for (const problem of problems) say(`PROBLEM ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

const columns = [
  ["", 44],
  ["sent", 7],
  ["failed", 7],
  ["of bad", 7],
  ["down s", 7],
  ["writes", 7],
  ["lost", 5],
  ["twice", 6],
  ["moved s", 8],
  ["took s", 7],
  ["p99 quiet", 10],
  ["prepare", 8],
  ["shift", 7],
  ["ratio", 6],
  ["ws closed", 10],
  ["ws cut", 7],
  ["cpu %", 6],
] as const;
const line = (cells: readonly string[]): string =>
  columns
    .map(([, width], index) =>
      index === 0 ? (cells[0] ?? "").padEnd(width) : (cells[index] ?? "").padStart(width),
    )
    .join("");
const heading = line(columns.map(([name]) => name));

function describe(finding: Finding): string {
  const { p99, writes, sockets } = finding;
  const number = (value: number | undefined, digits = 0): string =>
    value === undefined || Number.isNaN(value) ? "-" : value.toFixed(digits);
  const cells = [
    finding.name,
    ...[finding.sent, finding.failed, finding.failedByBroken].map(String),
    number(finding.downtimeSeconds, 2),
    ...[writes.acknowledged, writes.lost, writes.twice].map(String),
    number(finding.trafficMovedSeconds, 2),
    number(finding.commandSeconds, 1),
    ...[p99.quiet, p99.prepare, p99.shift].map((value) => number(value)),
    number(p99.shift / p99.quiet, 2),
    ...[sockets.closed, sockets.cut].map(String),
    number(finding.loadCpuPercent),
  ];
  return [line(cells), ...finding.failures.slice(0, 5).map((failure) => `    ${failure}`)].join("\n");
}

function write(results: unknown): void {
  const folder = join(process.cwd(), ".slipway/bench");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "rollout.json");
  writeFileSync(file, JSON.stringify(results, undefined, 2));
  say(`written to ${file}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
