/** The monitoring window after a deployment: what a version does with its requests, and whether its servers stay up. */
import { setTimeout as sleep } from "node:timers/promises";
import { backendName } from "../provider/gateway/backends";
import { openGateway, type Gateway } from "../provider/gateway/gateway";
import { carries, parseRoute } from "../provider/gateway/maps";
import type { ServerStat } from "../provider/gateway/runtime";
import type { Traffic } from "../provider/history/entry";
import { Figures } from "../provider/rollout/access-log";
import { describeTraffic, failsAlready } from "../provider/rollout/analysis";
import { TrafficLog } from "../provider/rollout/traffic-log";
import type { Say } from "./setup/step";

export interface WatchOptions {
  /** The gateway's container. */
  readonly gateway: string;
  readonly service: string;
  readonly version: string;
  /** How long the version is watched. */
  readonly seconds: number;
  /** Answers of 5xx, or broken off, in percent of the version's requests. */
  readonly maxErrorPercent: number;
  /** Fewer requests than this say nothing. */
  readonly minRequests: number;
  /** @default - latency does not count */
  readonly maxP95Milliseconds?: number;
}

export interface WatchResult {
  /** Stopped: by the signal, or since there was nothing to watch any more. */
  readonly verdict: "passed" | "breached" | "stopped";
  readonly figures: Traffic;
  /** What the version did, to follow its name: "failed 9 of 80 requests (…)". Absent when it passed, or the signal ended the watch. */
  readonly reason?: string;
}

/** What a watch needs of the world. */
export interface World {
  openGateway(container: string): Gateway;
  /** How often Docker has started a container again; undefined when there is none of this name. */
  restartsOf(container: string): Promise<number | undefined>;
  /** Milliseconds since any point in time. */
  now(): number;
  /** Resolves after this time, or at once when the signal is aborted. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const pollEveryMs = 1000;
/** A server that is down for longer is no hiccup. */
const downMs = 3000;
/** Beside the whole window its parts are judged: a version that breaks late must not live on its good beginning. */
const partMs = 15_000;

/**
 * Watches a version that has traffic, until the window is over, it breaches a limit, or the signal ends the watch. Breaches: more errors or
 * a higher p95 latency than allowed, among enough requests; a server down for more than 3 s; a container that was started again.
 * A gateway that does not answer is told, and no breach.
 *
 * @param say hears a line of figures now and then, and at the end
 */
export async function watch(
  options: WatchOptions,
  say: Say,
  signal: AbortSignal,
  world: World = machine,
): Promise<WatchResult> {
  const { seconds, minRequests } = options;
  const started = world.now();
  const elapsed = (): number => world.now() - started;
  const requests = new Requests(options, world);
  const servers = new Servers(options, world);
  const tellEveryMs = Math.max(10, seconds / 10) * 1000;
  let told = 0;
  let trouble: string | undefined;

  const end = (verdict: WatchResult["verdict"], reason?: string): WatchResult => {
    const figures = requests.figures();
    const few = figures.requests < minRequests ? `, fewer than the ${minRequests} that say something` : "";
    say(`${verdict} after ${Math.round(elapsed() / 1000)} s: ${describeTraffic(figures, undefined)}${few}`);
    return { verdict, figures, ...(reason === undefined ? {} : { reason }) };
  };

  try {
    for (;;) {
      if (signal.aborted) return end("stopped");
      const over = elapsed() >= seconds * 1000;
      try {
        await requests.open(signal);
        const { gone, breach = requests.breach(over) } = await servers.look();
        if (gone !== undefined) return end("stopped", gone);
        if (breach !== undefined) return end("breached", breach);
        trouble = undefined;
      } catch (error) {
        const { message } = error as Error;
        if (trouble === undefined) say(`cannot be watched at the moment: ${message}`);
        trouble = message;
      }
      if (over && trouble !== undefined) return end("stopped", `could not be watched: ${trouble}`);
      if (over) return end("passed");
      if (elapsed() >= told + tellEveryMs) {
        told += tellEveryMs;
        say(`${Math.round(told / 1000)} s: ${describeTraffic(requests.figures(), undefined)}`);
      }
      await world.pause(pollEveryMs, signal);
    }
  } finally {
    requests.close();
  }
}

/** The version's requests since the watch began, by the gateway's log. */
class Requests {
  private readonly backend: string;
  private logs: { whole: TrafficLog; part: TrafficLog } | undefined;
  private partBegan = 0;

  constructor(
    private readonly options: WatchOptions,
    private readonly world: World,
  ) {
    this.backend = backendName(options);
  }

  /** Opens the log, unless it is open. */
  async open(signal: AbortSignal): Promise<void> {
    if (this.logs !== undefined) return;
    const gateway = this.world.openGateway(this.options.gateway);
    const openLog = () => TrafficLog.open(gateway, [this.backend], 0, signal);
    this.logs = { whole: await openLog(), part: await openLog() };
    this.partBegan = this.world.now();
  }

  close(): void {
    this.logs?.whole.close();
    this.logs?.part.close();
  }

  figures(): Traffic {
    return (this.logs?.whole.figures(this.backend) ?? new Figures()).traffic();
  }

  /** @param over the window is: then more errors than allowed are too many, be they chance or not */
  breach(over: boolean): string | undefined {
    if (this.logs === undefined) return undefined;
    const { whole, part } = this.logs;
    const breach =
      this.judge(whole.figures(this.backend), over) ?? this.judge(part.figures(this.backend), false);
    if (this.world.now() - this.partBegan >= partMs) {
      part.turn();
      this.partBegan = this.world.now();
    }
    return breach;
  }

  private judge(figures: Figures, over: boolean): string | undefined {
    const { minRequests, maxErrorPercent, maxP95Milliseconds = Infinity } = this.options;
    const { requests, errors, p95Milliseconds: p95 = 0 } = figures.traffic();
    const share = requests === 0 ? 0 : (100 * errors) / requests;
    const enough = requests >= minRequests;
    // The rest of an analysis compares with a stable version, and there is none any more.
    const unused = { maxP95Ratio: 1, p95SlackMilliseconds: 0, pauseSeconds: 0 };
    if (
      failsAlready({ figures, resent: 0 }, { minRequests, maxErrorPercent, ...unused }) ||
      (over && enough && share > maxErrorPercent)
    ) {
      return `failed ${errors} of ${requests} requests (${Number(share.toPrecision(3))} %; allowed: ${maxErrorPercent} %)`;
    }
    if (!enough || p95 <= maxP95Milliseconds) return undefined;
    return `answered ${requests} requests with a p95 latency of ${p95} ms (allowed: ${maxP95Milliseconds} ms)`;
  }
}

/** The version's servers, and the containers they are. */
class Servers {
  private readonly downSince = new Map<string, number>();
  private readonly restarts = new Map<string, number>();

  constructor(
    private readonly options: WatchOptions,
    private readonly world: World,
  ) {}

  /** Says that the version is no longer live, or what is wrong with its servers. */
  async look(): Promise<{ gone?: string; breach?: string }> {
    const { service, version } = this.options;
    const gateway = this.world.openGateway(this.options.gateway);
    const route = (await gateway.readMaps()).routes.get(service);
    if (route === undefined || !carries(parseRoute(route), version)) return { gone: "is no longer live" };
    const breach =
      this.down(await gateway.servers(backendName(this.options))) ?? (await this.restarted(gateway));
    return breach === undefined ? {} : { breach };
  }

  private down(stats: readonly ServerStat[]): string | undefined {
    for (const { server, status, checkStatus } of stats) {
      // "MAINT (resolution)": the container is gone; a plain MAINT is somebody's wish.
      if (!/^DOWN|^MAINT \(/.test(status)) {
        this.downSince.delete(server);
        continue;
      }
      const since = this.downSince.get(server) ?? this.world.now();
      this.downSince.set(server, since);
      const milliseconds = this.world.now() - since;
      if (milliseconds > downMs) {
        return `has its server ${server} down for ${Math.round(milliseconds / 1000)} s (${`${status} ${checkStatus}`.trim()})`;
      }
    }
    return undefined;
  }

  private async restarted(gateway: Pick<Gateway, "readBackends">): Promise<string | undefined> {
    const backend = (await gateway.readBackends()).find(
      (each) => backendName(each) === backendName(this.options),
    );
    for (const { container } of backend?.servers ?? []) {
      const now = await this.world.restartsOf(container);
      if (now === undefined) continue;
      const before = this.restarts.get(container) ?? now;
      this.restarts.set(container, before);
      if (now > before) return `ended by itself: Docker had to start ${container} again`;
    }
    return undefined;
  }
}

export const machine: World = {
  openGateway,
  async restartsOf(container) {
    const { default: Docker } = await import("dockerode");
    try {
      return (await new Docker().getContainer(container).inspect()).RestartCount;
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return undefined;
      throw error;
    }
  },
  now: () => performance.now(),
  async pause(milliseconds, signal) {
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
  },
};
