/** What a rollout says: to whoever watches, and when it fails. Pure. */
import type { StepReport } from "../history/entry";
import type { StrategyKind } from "../schema/strategy";
import { describeTraffic } from "./analysis";

/** `canary 25 %` */
export function stepName(kind: StrategyKind, weightPercent: number): string {
  return `${kind} ${weightPercent} %`;
}

/** `canary 25 %: 312 requests, 0 errors, p95 12 ms (stable 11 ms)`, and how far it is. */
export function stepLine(kind: StrategyKind, report: StepReport, progress: string): string {
  const { weightPercent, target, stable } = report;
  return `${stepName(kind, weightPercent)}: ${describeTraffic(target, stable)}, ${progress}`;
}

/** Seconds as people say them: 0.3, 12. */
export function inSeconds(milliseconds: number): number {
  const seconds = milliseconds / 1000;
  return seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds);
}

/** What a direct release cost: `downtime 1.2 s`. */
export function downtimeWords(milliseconds: number): string {
  return milliseconds === 0 ? "no downtime" : `downtime ${inSeconds(milliseconds)} s`;
}

/** A rollout that came to nothing. */
export interface Story {
  service: string;
  version: string;
  /** The version that had the traffic before; undefined where none had. */
  stable: string | undefined;
  /** The step that was under way. */
  step: string | undefined;
  reason: string;
  cancelled: boolean;
  /** Of the step, if it was watched. */
  report: StepReport | undefined;
}

/** What went wrong, in a sentence. */
export function faultOf({ service, version, step, reason, cancelled }: Story): string {
  const how = cancelled ? "was broken off" : "failed";
  return `The rollout of ${service} ${version} ${how} at ${step}: ${reason.split("\n")[0]?.replace(/\.$/, "")}.`;
}

/** What went wrong, that the traffic is back, and what to do. */
export function abortWords(story: Story, unrecorded: string | undefined): string {
  const { stable, reason, report } = story;
  return [
    faultOf(story),
    ...reason.split("\n").slice(1),
    ...(report === undefined
      ? []
      : [`It had ${describeTraffic(report.target, report.stable)} in ${report.seconds} s.`]),
    stable === undefined
      ? "No version was live before, so none is now."
      : `All traffic is back on ${stable}, which goes on serving.`,
    `Next: ${nextMove(story)}`,
    ...(unrecorded === undefined ? [] : [`The journal does not tell of this: ${unrecorded}`]),
  ].join("\n");
}

/** What went wrong, and that the traffic could not be given back. */
export function lostWords(story: Story, gateway: string, failure: string): string {
  return [
    faultOf(story),
    `Giving all traffic back to ${story.stable ?? "nothing"} failed too: ${failure}`,
    `Next: see that the gateway runs (docker start ${gateway}), then run again: a rollout starts from what the gateway serves.`,
  ].join("\n");
}

function nextMove({ version, cancelled, report }: Story): string {
  if (cancelled) return "run again to begin anew.";
  if (report?.verdict === "inconclusive") {
    return "send it more traffic, lower analysis.minRequests or raise analysis.pauseSeconds, then run again.";
  }
  return `mend ${version} (docker logs of its containers tell more) and release it as a new version; running again tries this one once more.`;
}
