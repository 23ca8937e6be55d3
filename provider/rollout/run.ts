/** A rollout: the steps of its plan, one after the other; all traffic back to the stable version when one of them fails. */
import type { NewEntry, StepReport } from "../history/entry";
import { backendName } from "../gateway/backends";
import type { Gateway } from "../gateway/gateway";
import type { GatewayMap, Route } from "../gateway/maps";
import { formatRoute, parseRoute, shareOf } from "../gateway/maps";
import type { ServerStat } from "../gateway/runtime";
import type { Context } from "../resource";
import type { RolloutInputs } from "../schema/rollout";
import { plan } from "../strategies/plan";
import type { Step } from "../strategies/step";
import { describeStep, settled } from "../strategies/step";
import { poll } from "../wait";
import { Bake } from "./bake";
import { admit, allUp, someUp, wake } from "./health";
import { measureDowntime } from "./downtime";
import type { Limits } from "./limits";
import { usualLimits } from "./limits";
import { refuseForeignPath, restore, shift } from "./routes";
import { TrafficLog } from "./traffic-log";
import type { Story } from "./words";
import { abortWords, downtimeWords, faultOf, lostWords, stepLine, stepName } from "./words";

export interface RolloutOutputs {
  /** The version that has the traffic, by the gateway's own account. */
  live: string;
  /** The version that had it before; null after the first deployment. */
  previous: string | null;
  /** ISO time at which the version had all traffic. */
  shiftedAt: string;
  /** The longest of its shifts, from the command to the gateway's confirmation; 0 when the gateway had the route already. */
  shiftMilliseconds: number;
  /** What each step saw. */
  steps: StepReport[];
  /** What each step does, in words. */
  plan: string[];
}

/** A baseline older than this says little of now. */
const longestBaselineSeconds = 60;
const retryEveryMs = 500;
const never = new AbortController().signal;

/**
 * Moves all traffic to the version, from whatever the gateway says has it now. On failure or cancel that version has all of it again,
 * confirmed and persisted, before the error surfaces.
 */
export async function runRollout(
  inputs: RolloutInputs,
  old: RolloutOutputs | undefined,
  context: Context,
  limits: Limits = usualLimits,
): Promise<RolloutOutputs> {
  const gateway = context.openGateway(inputs.gateway);
  const maps = await gateway.readMaps();
  refuseForeignPath(inputs, maps);
  const value = maps.routes.get(inputs.service);
  const route = value === undefined ? undefined : parseRoute(value);
  const { service, version, strategy, rollback = false } = inputs;
  const stable = route && backendName({ service, version: route.stable });
  const stats = stable === undefined ? [] : await gateway.servers(stable);
  const servers = stats.map(({ server }) => server);
  const steps = plan({ ...(route && { route }), servers }, { version, strategy, rollback });
  const drained = stats.some(({ status }) => status.startsWith("DRAIN"));
  const run = new Run(inputs, route, drained, maps.paths, gateway, context, limits);
  await run.all(steps);

  if (old?.live === version && route?.stable === version) {
    const { live, previous, shiftedAt, shiftMilliseconds, steps, plan } = old;
    return { live, previous, shiftedAt, shiftMilliseconds, steps, plan };
  }
  const previous = [route?.stable, old?.live, old?.previous].find((each) => each && each !== version);
  return {
    live: version,
    previous: previous ?? null,
    shiftedAt: run.shiftedAt,
    shiftMilliseconds: run.shiftMilliseconds,
    steps: run.reports,
    plan: steps.map(describeStep),
  };
}

/** A step that passed has nothing to do with what went wrong. */
const isUnfinished = ({ verdict }: StepReport) => verdict !== "passed";

class Run {
  shiftedAt = new Date().toISOString();
  shiftMilliseconds = 0;
  readonly reports: StepReport[] = [];
  private log: TrafficLog | undefined;
  /** The route as the gateway confirmed it last. */
  private route: string | undefined;
  /** The step that is under way; undefined until the gateway is changed for one. */
  private step: string | undefined;
  private touched = false;
  private readonly began = new Date().toISOString();

  /** @param drained whether servers of the stable version may be in drain */
  constructor(
    private readonly inputs: RolloutInputs,
    private readonly before: Route | undefined,
    private drained: boolean,
    private readonly paths: GatewayMap,
    private readonly gateway: Gateway,
    private readonly context: Context,
    private readonly limits: Limits,
  ) {
    this.route = before && formatRoute(before);
  }

  /** Does the steps, then makes the version the stable one; or puts everything back. */
  async all(steps: readonly Step[]): Promise<void> {
    try {
      for (const step of steps) {
        await this.move(step);
        if (step === steps[0]) await this.recordAbandoned();
      }
      // Warm for the way back.
      await this.wakeStable();
      const last = settled(this.inputs.version);
      // Without a step, there may still be another path to move to.
      if (steps.length === 0 || this.route !== formatRoute(last)) await this.shift(last);
    } catch (error) {
      throw await this.undo(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.log?.close();
    }
  }

  /** One step: is the target healthy, shift, bake. */
  private async move(step: Step): Promise<void> {
    const { inputs, gateway, context, limits } = this;
    const { version, strategy } = inputs;
    const { route, bakeSeconds, analysis, drained } = step;
    if (shareOf(route, version) === 0) {
      this.step = `the way back to ${route.stable}`;
      await this.shift(route);
      return context.progress(`all traffic is back on ${route.stable}, from where ${version} begins`);
    }
    const stats = await this.admit(step);
    const bakes = bakeSeconds > 0 || analysis !== undefined;
    if (bakes) await this.openLog(step);
    const weightPercent = shareOf(route, version);
    this.step = stepName(strategy.kind, weightPercent);
    const milliseconds = await this.shift(route);
    const before = this.log?.turn() ?? new Map();
    if (drained.length > 0) {
      this.drained = true;
      await gateway.setServerStates(this.backend(route.stable), drained, "drain", context.signal);
    }
    const shifted = `shifted in ${milliseconds} ms`;
    if (!bakes || this.log === undefined) {
      const target = { requests: 0, errors: 0 };
      const report: StepReport = { weightPercent, seconds: 0, verdict: "passed", target };
      this.reports.push(report);
      context.progress(`${this.step}: ${shifted}`);
      if (strategy.kind === "direct" && !inputs.rollback && this.before) await this.tellDowntime(report);
      return;
    }
    context.progress(`${this.step}: ${shifted}, ${bakeSeconds} s of bake`, "passing");
    const bake = new Bake({ gateway, inputs, step, log: this.log, before, context, limits }, stats);
    const outcome = await bake.run().catch((error: unknown) => {
      this.reports.push(bake.report(context.signal.aborted ? "cancelled" : "failed"));
      throw error;
    });
    const report = bake.report(outcome.verdict);
    this.reports.push(report);
    context.progress(stepLine(strategy.kind, report, `${report.verdict} after ${report.seconds} s`));
    if (outcome.verdict !== "passed") throw new Error(outcome.reasons.join("; "));
  }

  private async tellDowntime(report: StepReport): Promise<void> {
    const { gateway, inputs, context, limits, began } = this;
    const milliseconds = await measureDowntime(
      ...([gateway, inputs.service, began, limits.settleMs, context.signal] as const),
    );
    report.downtimeMilliseconds = milliseconds;
    context.progress(`${this.step}: ${downtimeWords(milliseconds)}`);
  }

  /** The target's servers, if they may have this step's traffic: one is enough where all of it moves at once. */
  private async admit({ route }: Step): Promise<ServerStat[]> {
    const { gateway, context, limits } = this;
    const target = this.backend(this.inputs.version);
    const enough = route.candidate === undefined ? someUp : allUp;
    const admitted = await admit(gateway, target, enough, limits.gateMs, context.signal);
    if (typeof admitted !== "string") return admitted;
    if (this.touched) throw new Error(admitted);
    throw new Error(
      `${target} gets no traffic: ${admitted}. What was live before is still live. Mend the version, then run again.`,
    );
  }

  private async openLog({ route, bakeSeconds }: Step): Promise<void> {
    if (this.log !== undefined) return;
    const backends = [this.inputs.version, route.stable].map((version) => this.backend(version));
    const seconds = Math.min(bakeSeconds, longestBaselineSeconds);
    this.log = await TrafficLog.open(this.gateway, backends, seconds, this.context.signal);
  }

  private async shift(route: Route): Promise<number> {
    const { inputs, gateway, context } = this;
    context.signal.throwIfAborted();
    this.touched = true;
    const had = this.before !== undefined && shareOf(parseRoute(this.route ?? ""), inputs.version);
    const to = formatRoute(route);
    const milliseconds = await shift(gateway, inputs, { from: this.route, to }, context.signal);
    this.route = to;
    this.shiftMilliseconds = Math.max(this.shiftMilliseconds, milliseconds);
    if (had !== 100 && shareOf(route, inputs.version) === 100) this.shiftedAt = new Date().toISOString();
    return milliseconds;
  }

  /** What goes wrong after the first change is put back before it is told. */
  private async undo(error: Error): Promise<Error> {
    if (!this.touched) return error;
    const { inputs, context, before } = this;
    const story: Story = {
      ...{ service: inputs.service, version: inputs.version, stable: before?.stable },
      ...{ reason: error.message, step: this.step, report: this.reports.findLast(isUnfinished) },
      cancelled: context.signal.aborted,
    };
    const failure = await this.giveBack();
    if (failure !== undefined)
      return new Error(lostWords(story, inputs.gateway, failure.message), { cause: error });
    if (this.step === undefined) return error;
    const fault = faultOf(story);
    const unrecorded = await this.record(inputs.version, fault, this.reports);
    context.progress(`all traffic is back on ${before?.stable ?? "nothing: no version was live before"}`);
    return new Error(abortWords(story, unrecorded?.message), { cause: error });
  }

  /** All traffic back to the stable version, whatever it takes; what went wrong if it cannot be done. */
  private async giveBack(): Promise<Error | undefined> {
    const { inputs, gateway, before, paths, limits } = this;
    const route = before && formatRoute(settled(before.stable));
    let failure = new Error("no attempt was made");
    const done = await poll(
      async () => {
        try {
          // First servers that take requests, then the requests.
          await this.wakeStable();
          await restore(gateway, inputs.service, { route, paths });
          return true;
        } catch (error) {
          failure = error instanceof Error ? error : new Error(String(error));
          return undefined;
        }
      },
      { everyMs: retryEveryMs, withinMs: limits.restoreMs, signal: never },
    );
    return done ? undefined : failure;
  }

  private async wakeStable(): Promise<void> {
    if (this.before === undefined || !this.drained) return;
    const backend = this.backend(this.before.stable);
    await wake(this.gateway, backend, await this.gateway.servers(backend));
  }

  /** A candidate of a run that ended in the middle has lost its traffic by now. */
  private async recordAbandoned(): Promise<void> {
    const { candidate, weightPercent } = this.before ?? { weightPercent: 0 };
    if (candidate === undefined || candidate === this.inputs.version || weightPercent === 0) return;
    const fault = `A run that ended in the middle left it at ${weightPercent} %; its traffic was taken back.`;
    const unrecorded = await this.record(candidate, fault, []);
    if (unrecorded !== undefined) this.context.progress(`not recorded: ${unrecorded.message}`);
  }

  private async record(version: string, fault: string, steps: StepReport[]): Promise<Error | undefined> {
    const { service, environment, strategy, history } = this.inputs;
    const entry: NewEntry = {
      ...{ action: "abort", environment, service, version, fault, strategy: strategy.kind, steps },
      ...(this.before && { from: this.before.stable }),
    };
    try {
      await this.context.record(history, entry);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private backend(version: string): string {
    return backendName({ service: this.inputs.service, version });
  }
}
