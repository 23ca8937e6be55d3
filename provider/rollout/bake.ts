/** One step's bake: the target has its share of the traffic, and is watched. */
import type { StepReport } from "../history/entry";
import { backendName } from "../gateway/backends";
import type { Gateway } from "../gateway/gateway";
import { formatRoute } from "../gateway/maps";
import type { ServerStat } from "../gateway/runtime";
import type { Context } from "../resource";
import type { RolloutInputs } from "../schema/rollout";
import type { Step } from "../strategies/step";
import { pause, poll } from "../wait";
import type { Figures } from "./access-log";
import type { Verdict } from "./analysis";
import { failsAlready, judge } from "./analysis";
import { allUp, awaitHealthy, describeUnhealthy } from "./health";
import type { Limits } from "./limits";
import type { TrafficLog, Window } from "./traffic-log";
import { inSeconds, stepLine, stepName } from "./words";

/** The verdict, and what it rests on. */
export interface Outcome {
  verdict: Verdict["verdict"];
  reasons: string[];
}

/** What a bake needs to know. */
export interface World {
  gateway: Gateway;
  inputs: RolloutInputs;
  step: Step;
  log: TrafficLog;
  /** The traffic before the shift: what a version that has all traffic is compared with. */
  before: Window;
  context: Context;
  limits: Limits;
}

export class Bake {
  private readonly began = performance.now();
  private readonly target: string;
  private readonly stable: string;
  private readonly weightPercent: number;
  /** Requests that were sent again since the bake began; and of each server in all, as last seen. */
  private resent = 0;
  private readonly seen: Map<string, number>;
  private toldAt = performance.now();

  /** @param stats the target's servers before the shift */
  constructor(
    private readonly world: World,
    stats: readonly ServerStat[],
  ) {
    const { service, version } = world.inputs;
    this.target = backendName({ service, version });
    this.stable = backendName({ service, version: world.step.route.stable });
    this.weightPercent = world.step.route.weightPercent;
    this.seen = new Map(stats.map(({ server, resent }) => [server, resent]));
  }

  /** Until the bake is over and there is a verdict, or it fails before. */
  async run(): Promise<Outcome> {
    const { analysis, bakeSeconds } = this.world.step;
    const pauseSeconds = analysis?.pauseSeconds ?? 0;
    for (;;) {
      const sick = await this.observe();
      if (sick !== undefined) return { verdict: "failed", reasons: [sick] };
      const elapsedMs = performance.now() - this.began;
      const over = elapsedMs >= bakeSeconds * 1000;
      if (analysis === undefined) {
        if (over) return { verdict: "passed", reasons: [] };
      } else if (over || failsAlready(this.sample(), analysis)) {
        const outcome = judge(this.sample(), this.baseline(), analysis);
        if (outcome.verdict !== "inconclusive" || elapsedMs >= (bakeSeconds + pauseSeconds) * 1000) {
          return outcome;
        }
        this.tell(
          `inconclusive so far: ${outcome.reasons.join("; ")}; waiting up to ${pauseSeconds} s for more`,
        );
      }
      if (!over) this.tell(`${inSeconds(elapsedMs)} of ${bakeSeconds} s`);
      const nextMs = over ? Infinity : bakeSeconds * 1000 - elapsedMs;
      await pause(Math.min(this.world.limits.tickMs, nextMs), this.world.context.signal);
    }
  }

  /** What the step has seen so far. */
  report(verdict: StepReport["verdict"]): StepReport {
    const baseline = this.baseline();
    return {
      weightPercent: this.weightPercent,
      seconds: inSeconds(performance.now() - this.began),
      verdict,
      target: this.world.log.figures(this.target).traffic(this.resent),
      ...(baseline === undefined ? {} : { stable: baseline.traffic() }),
    };
  }

  private sample() {
    return { figures: this.world.log.figures(this.target), resent: this.resent };
  }

  /** The stable version's requests: in this window while it has any, else in the one before, as far as they suffice. */
  private baseline(): Figures | undefined {
    if (this.weightPercent < 100) return this.world.log.figures(this.stable);
    const before = this.world.before.get(this.stable);
    // A window that is over brings no more requests: to wait for them would be in vain.
    return before !== undefined && before.requests >= (this.world.step.analysis?.minRequests ?? 1)
      ? before
      : undefined;
  }

  /** Looks at the target's servers; answers what is wrong with them. */
  private async observe(): Promise<string | undefined> {
    const { gateway, context, limits } = this.world;
    const { target } = this;
    let stats: ServerStat[];
    try {
      stats = await gateway.servers(target);
    } catch (error) {
      context.signal.throwIfAborted();
      await this.awaitGateway(error);
      stats = await awaitHealthy(gateway, target, allUp, limits.gateMs, context.signal);
    }
    // One that is looked up again, after a restart of the gateway, is not down yet.
    if (!allUp(stats) && !stats.some(({ status }) => status.startsWith("DOWN"))) {
      stats = await awaitHealthy(gateway, target, allUp, limits.graceMs, context.signal);
    }
    this.count(stats);
    return allUp(stats) ? undefined : describeUnhealthy(gateway, target, stats, context);
  }

  /** A gateway that is restarted takes its routes from the volume: the bake goes on if they are what they were. */
  private async awaitGateway(reason: unknown): Promise<void> {
    const { gateway, context, limits, inputs, step } = this.world;
    const seconds = inSeconds(limits.gatewayMs);
    const name = stepName(inputs.strategy.kind, this.weightPercent);
    context.progress(`${name}: the gateway does not answer; waiting up to ${seconds} s for it`);
    const found = await poll(
      async () => {
        const maps = await gateway.readMaps().catch(() => undefined);
        return maps && { route: maps.routes.get(inputs.service) };
      },
      { everyMs: limits.tickMs, withinMs: limits.gatewayMs, signal: context.signal },
    );
    const wanted = formatRoute(step.route);
    if (found === undefined) {
      throw new Error(
        `the gateway did not answer for ${seconds} s (${reason instanceof Error ? reason.message : String(reason)})`,
      );
    }
    if (found.route !== wanted) {
      throw new Error(`the gateway came back with the route ${found.route ?? "none"} in place of ${wanted}`);
    }
  }

  private count(stats: readonly ServerStat[]): void {
    for (const { server, resent } of stats) {
      const last = this.seen.get(server) ?? 0;
      // Less than before: the gateway was reloaded and counts from 0 again.
      this.resent += resent < last ? resent : resent - last;
      this.seen.set(server, resent);
    }
  }

  private tell(progress: string): void {
    if (performance.now() - this.toldAt < this.world.limits.tellMs) return;
    this.toldAt = performance.now();
    this.world.context.progress(
      stepLine(this.world.inputs.strategy.kind, this.report("inconclusive"), progress),
      "passing",
    );
  }
}
