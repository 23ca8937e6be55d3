/** What the tests of the hosts share: recorders, and places for their files. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InvokeGoal, ReadGoal, RegisterResult } from "../../../engine/deploy/context";
import { Monitor } from "../../../engine/hosts/monitor";
import type { Registrar } from "../../../engine/hosts/monitor";
import { startProgram } from "../../../engine/hosts/program";
import type { Program, UpdateInfo } from "../../../engine/hosts/program";
import type { EngineEvent, Goal } from "../../../engine/model";
import type { Properties } from "../../../engine/values";

export const FIXTURES = join(__dirname, "fixtures");
export const fixture = (name: string): string => join(FIXTURES, name);

/** A directory of a suite's own, removed after it. */
export function temporaryDirectory(): { path: string } {
  const directory = { path: "" };
  before(() => {
    directory.path = mkdtempSync(join(tmpdir(), "slipway-hosts-"));
  });
  after(() => rmSync(directory.path, { recursive: true, force: true }));
  return directory;
}

export const info = (also: Partial<UpdateInfo> = {}): UpdateInfo => ({
  organization: "organization",
  project: "p",
  stack: "s",
  config: new Map(),
  configSecretKeys: new Set(),
  dryRun: false,
  parallel: 8,
  ...also,
});

/** Collects events; debug ones are no one's business. */
export class EventLog {
  readonly events: EngineEvent[] = [];
  readonly sink = (event: EngineEvent): void => {
    if (event.kind !== "diagnostic" || event.severity !== "debug") this.events.push(event);
  };

  /** `severity: message` of every diagnostic. */
  get diagnostics(): string[] {
    return this.events.flatMap((event) =>
      event.kind === "diagnostic" ? [`${event.severity}: ${event.message}`] : [],
    );
  }
}

/** Stands in for the core: records what it is asked, and answers as a provider that sets `result` would. */
export class Recorder implements Registrar {
  readonly goals: Goal[] = [];
  readonly outputs: Record<string, Properties> = {};
  readonly reads: ReadGoal[] = [];
  readonly invokes: InvokeGoal[] = [];
  readonly failures: string[] = [];
  /** Resolves with the first failure. */
  readonly failed: Promise<string>;
  finishes = 0;
  private tellFailed: (message: string) => void = () => undefined;

  constructor(
    private readonly answer: (
      goal: Goal,
    ) => Partial<RegisterResult> | Promise<Partial<RegisterResult>> = () => ({}),
  ) {
    this.failed = new Promise((resolve) => (this.tellFailed = resolve));
  }

  async registerResource(goal: Goal): Promise<RegisterResult> {
    this.goals.push(goal);
    const object: Properties = goal.custom ? { ...goal.inputs, result: `made ${goal.name}` } : {};
    const result = {
      urn: this.urn(goal),
      id: goal.custom ? `id-of-${goal.name}` : "",
      object,
      unknown: false,
    };
    return { ...result, ...(await this.answer(goal)) };
  }

  async registerResourceOutputs(urn: string, outputs: Properties): Promise<void> {
    this.outputs[urn] = outputs;
  }

  async readResource(goal: ReadGoal) {
    this.reads.push(goal);
    return { urn: `urn:pulumi:s::p::${goal.type}::${goal.name}`, object: { result: "read" } };
  }

  async invoke(goal: InvokeGoal) {
    this.invokes.push(goal);
    return { result: { found: true }, failures: [] };
  }

  fail(message: string): void {
    this.failures.push(message);
    this.tellFailed(message);
  }

  async finish() {
    this.finishes++;
    return { result: "succeeded" as const, changes: {}, durationMs: 0 };
  }

  /** The goal of the resource with this name, without the places in the source. */
  goal(name: string): Partial<Goal> | undefined {
    const goal = this.goals.find((candidate) => candidate.name === name);
    if (!goal) return undefined;
    const rest: Partial<Goal> = { ...goal };
    delete rest.sourcePosition;
    delete rest.stackTrace;
    return rest;
  }

  private urn(goal: Goal): string {
    return `urn:pulumi:s::p::${goal.type}::${goal.name}`;
  }
}

/** Runs a program of the fixtures against a recorder until it has ended. */
export async function runFixture(
  name: string,
  recorder: Registrar,
  also: Partial<UpdateInfo> = {},
  nodeargs = "",
): Promise<{ ended: string | undefined; log: EventLog }> {
  const log = new EventLog();
  const { program, monitor } = await startFixture(name, recorder, log, also, nodeargs);
  try {
    return { ended: await program.ended, log };
  } finally {
    monitor.close();
  }
}

export async function startFixture(
  name: string,
  recorder: Registrar,
  log: EventLog,
  also: Partial<UpdateInfo> = {},
  nodeargs = "",
): Promise<{ program: Program; monitor: Monitor }> {
  const root = fixture(name);
  const monitor = await Monitor.start({
    info: info(also),
    projectRoot: root,
    programDirectory: root,
    events: log.sink,
  });
  const runtime = { name: "nodejs", options: { typescript: false, nodeargs } };
  const program = startProgram({ root, runtime }, info(also), monitor.address, log.sink);
  monitor.serveDeployment(recorder);
  return { program, monitor };
}

/** The JSON lines of a file. */
export const readLines = (file: string): Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
