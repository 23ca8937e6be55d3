/**
 * Load on the sample service of this machine: an open loop (requests leave on time, however slow the answers are), every answer
 * checked, nothing retried, bounded in count and time.
 */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { faultIn, interleavedMix, outgoing, type RequestKind } from "./load-mix";
import { LiveSockets, type SocketReport } from "./live-sockets";

export interface LoadOptions {
  /** Where the service answers; on 127.0.0.1, and nowhere else. */
  readonly url: string;
  readonly perSecond: number;
  /** After this many requests the load ends by itself. */
  readonly maxRequests: number;
  readonly maxSeconds: number;
  readonly webSockets: number;
  /** A request that has no answer by then has failed. */
  readonly answerLimitSeconds: number;
  /** Marks this load's entries in the guest book; another for each load. */
  readonly mark: string;
  /** Called when a version answers for the first time. */
  readonly firstAnswer?: (version: string) => void;
}

export interface PhaseReport {
  readonly name: string;
  readonly seconds: number;
  readonly sent: number;
  readonly failed: number;
  /** Latency of the short GETs that succeeded, from when they were due, in milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Answers by version. */
  readonly versions: Readonly<Record<string, number>>;
  /** This process's own share of one processor. */
  readonly cpuPercent: number;
}

export interface Failure {
  readonly phase: string;
  readonly request: string;
  /** A status, a socket's error code, `timeout`, or what was wrong with the answer. */
  readonly fault: string;
  /** The version that answered; absent where none did (the gateway's own answers, broken connections). */
  readonly version?: string;
  /** When the request was sent, and when it failed; as of performance.now(). */
  readonly sentAt: number;
  readonly failedAt: number;
}

/** When a version answered; times as of performance.now(). */
export interface Sighting {
  readonly answers: number;
  readonly failed: number;
  readonly firstAnswerAt: number;
  /** When the last request that it answered was sent. */
  readonly lastSentAt: number;
  readonly lastAnswerAt: number;
}

export interface LoadReport {
  readonly sent: number;
  readonly failures: readonly Failure[];
  readonly phases: readonly PhaseReport[];
  readonly versions: Readonly<Record<string, Sighting>>;
  /** Messages of the entries that were answered with 201: each must be in Postgres. */
  readonly acknowledged: readonly string[];
  readonly sockets: SocketReport;
}

interface Phase {
  name: string;
  startedAt: number;
  seconds: number;
  sent: number;
  failed: number;
  latencies: number[];
  versions: Record<string, number>;
  cpuAtStart: NodeJS.CpuUsage;
  cpuPercent: number;
}

/**
 *     const load = new Load({ url, perSecond: 100, maxRequests: 10_000, maxSeconds: 120, webSockets: 3, answerLimitSeconds: 10, mark: "shift" });
 *     load.expect("1.0.0", "1.1.0"); // an answer of another version is a failure
 *     load.start("quiet");
 *     load.phase("shift");
 *     const report = await load.stop();
 */
export class Load {
  private readonly url: URL;
  // Ends idle connections before the gateway does, as careful clients do: none is used in the moment the other side closes it.
  private readonly agent = new Agent({ keepAlive: true, timeout: 5_000 });
  private readonly expected = new Set<string>();
  private readonly kinds = interleavedMix();
  private readonly phases: Phase[] = [];
  private readonly failures: Failure[] = [];
  private readonly sightings: Record<string, Mutable<Sighting>> = {};
  private readonly acknowledged: string[] = [];
  private readonly sockets: LiveSockets;
  private startedAt = 0;
  private sent = 0;
  private inFlight = 0;
  private stopped = false;

  /** Throws Error for an address that is not 127.0.0.1. */
  constructor(private readonly options: LoadOptions) {
    this.url = new URL(options.url);
    if (this.url.protocol !== "http:" || this.url.hostname !== "127.0.0.1") {
      throw new Error(`Load goes to http://127.0.0.1 only, not to ${options.url}.`);
    }
    this.sockets = new LiveSockets(`ws://${this.url.host}/live`, options.webSockets);
  }

  /** Sets the versions that may answer from now on; before the first call all may. */
  expect(...versions: string[]): void {
    this.expected.clear();
    for (const version of versions) this.expected.add(version);
  }

  start(phase: string): void {
    this.startedAt = performance.now();
    this.phase(phase);
    this.sockets.open();
    this.sendDue();
  }

  /** From now on requests count for this phase. */
  phase(name: string): void {
    this.endPhase();
    const at = { startedAt: performance.now(), cpuAtStart: process.cpuUsage() };
    this.phases.push({
      ...{ name, seconds: 0, sent: 0, failed: 0, latencies: [], versions: {}, cpuPercent: 0 },
      ...at,
    });
  }

  get currentPhase(): string | undefined {
    return this.phases.at(-1)?.name;
  }

  /** True once the load ended by its own bounds. */
  get exhausted(): boolean {
    const { maxRequests, maxSeconds } = this.options;
    return this.sent >= maxRequests || performance.now() - this.startedAt > maxSeconds * 1000;
  }

  /** Requests that left so far. */
  get count(): number {
    return this.sent;
  }

  sighting(version: string): Sighting | undefined {
    return this.sightings[version];
  }

  /** Sends no more, waits for every answer, and reports. */
  async stop(): Promise<LoadReport> {
    this.stopped = true;
    this.endPhase();
    while (this.inFlight > 0) await sleep(20);
    this.agent.destroy();
    return {
      sent: this.sent,
      failures: this.failures,
      phases: this.phases.map(reportOf),
      versions: this.sightings,
      acknowledged: this.acknowledged,
      sockets: await this.sockets.close(),
    };
  }

  private endPhase(): void {
    const phase = this.phases.at(-1);
    if (phase === undefined) return;
    const { user, system } = process.cpuUsage(phase.cpuAtStart);
    phase.seconds = (performance.now() - phase.startedAt) / 1000;
    phase.cpuPercent = (user + system) / 1e4 / phase.seconds;
  }

  private sendDue(): void {
    if (this.stopped || this.exhausted) return;
    const intervalMs = 1000 / this.options.perSecond;
    let dueAt = this.startedAt + this.sent * intervalMs;
    for (; dueAt <= performance.now() && !this.exhausted; dueAt += intervalMs) this.send(this.sent++, dueAt);
    setTimeout(() => this.sendDue(), dueAt - performance.now());
  }

  private send(number: number, dueAt: number): void {
    const kind = this.kinds[number % this.kinds.length] as RequestKind;
    const phase = this.phases.at(-1) as Phase;
    const message = `${this.options.mark}-${number}`;
    const { method, path, body } = outgoing(kind, number, message);
    phase.sent++;
    this.inFlight++;
    const sentAt = performance.now();
    let over = false;
    const end = (fault: string | undefined, version?: string): void => {
      if (over) return;
      over = true;
      this.inFlight--;
      const now = performance.now();
      if (version !== undefined) {
        phase.versions[version] = (phase.versions[version] ?? 0) + 1;
        this.sight(version, sentAt, now, fault !== undefined);
      }
      if (fault !== undefined) {
        phase.failed++;
        const by = version === undefined ? {} : { version };
        this.failures.push({ phase: phase.name, request: kind.name, fault, ...by, sentAt, failedAt: now });
      } else if (kind.action === "write") this.acknowledged.push(message);
      else if (kind.action === "get") phase.latencies.push(now - dueAt);
    };

    const sending = request({
      host: "127.0.0.1",
      port: this.url.port,
      ...{ method, path },
      agent: kind.newConnection === true ? false : this.agent,
      timeout: this.options.answerLimitSeconds * 1000,
    });
    sending.on("response", (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("error", (error) => end(faultOf(error)));
      incoming.on("end", () => {
        const version = incoming.headers["x-app-version"] as string | undefined;
        const answer = { status: incoming.statusCode, version, body: text };
        end(faultIn(answer, path, message, this.expected), version);
      });
    });
    sending.on("timeout", () => sending.destroy(new Error("timeout")));
    sending.on("error", (error) => end(faultOf(error)));
    if (body !== undefined) {
      sending.setHeader("content-type", "application/json");
      sending.setHeader("content-length", Buffer.byteLength(body));
    }
    sending.end(body);
  }

  private sight(version: string, sentAt: number, now: number, failed: boolean): void {
    const known = this.sightings[version];
    const sighting = known ?? { answers: 0, failed: 0, firstAnswerAt: now, lastSentAt: 0, lastAnswerAt: 0 };
    this.sightings[version] = sighting;
    if (known === undefined) this.options.firstAnswer?.(version);
    sighting.answers++;
    if (failed) sighting.failed++;
    sighting.lastSentAt = Math.max(sighting.lastSentAt, sentAt);
    sighting.lastAnswerAt = now;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function faultOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}

function reportOf({ name, seconds, sent, failed, versions, cpuPercent, latencies }: Phase): PhaseReport {
  const sorted = Float64Array.from(latencies).sort();
  const at = (percent: number): number => sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? NaN;
  return { name, seconds, sent, failed, p50: at(50), p95: at(95), p99: at(99), versions, cpuPercent };
}

/** The failures by what they were, the most frequent first: `3 × GET: ECONNRESET (1.1.0)`. */
export function summarize(failures: readonly Failure[]): string[] {
  const counts = new Map<string, number>();
  for (const { phase, request: kind, fault, version } of failures) {
    const what = `${kind}: ${fault}${version === undefined ? "" : ` (${version})`} in ${phase}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([what, count]) => `${count} × ${what}`);
}
