/** Whether a version that has traffic is good enough. Pure. */
import type { Traffic } from "../history/entry";
import type { Analysis } from "../schema/strategy";
import type { Figures } from "./access-log";

export interface Verdict {
  verdict: "passed" | "failed" | "inconclusive";
  /** With figures and thresholds; why not, unless it passed. */
  reasons: string[];
}

/** What is judged: a version's requests in a window. */
export interface Sample {
  figures: Figures;
  /** Requests that were sent again: errors, though the log shows what came of them in the end. */
  resent: number;
}

/** How far chance takes a count from what is to be expected of it, in standard deviations; beyond, it is no chance. */
const chance = 3;

/** True as soon as there are more errors than chance makes of the error rate allowed, at the requests that are needed or made. */
export function failsAlready({ figures, resent }: Sample, analysis: Analysis): boolean {
  const requests = Math.max(figures.requests, analysis.minRequests);
  const expected = (requests * analysis.maxErrorPercent) / 100;
  return figures.errors + resent > expected + chance * Math.sqrt(expected);
}

/**
 * The verdict at the end of a bake. Failed: too many errors, or a p95 latency beyond the stable version's. Inconclusive: too few requests
 * to say, or a p95 latency that is too high but may be so by chance.
 * @param baseline the stable version's requests to compare with; undefined when there are none to be had: only errors count then.
 */
export function judge(target: Sample, baseline: Figures | undefined, analysis: Analysis): Verdict {
  const { requests, errors } = target.figures.traffic(target.resent);
  const { minRequests, maxErrorPercent } = analysis;
  const share = requests === 0 ? 0 : (100 * errors) / requests;
  if (failsAlready(target, analysis) || (requests >= minRequests && share > maxErrorPercent)) {
    return failed(
      `${errors} of ${requests} requests failed or had to be sent again (${percent(share)}; allowed: ${maxErrorPercent} %)`,
    );
  }
  if (requests < minRequests) {
    return inconclusive(`${requests} requests of the ${minRequests} that an analysis needs`);
  }
  if (baseline === undefined) return { verdict: "passed", reasons: [] };
  if (baseline.requests < minRequests) {
    return inconclusive(
      `the stable version had ${baseline.requests} requests of the ${minRequests} that a comparison needs`,
    );
  }
  return judgeLatency(target.figures, baseline, analysis);
}

function judgeLatency(target: Figures, baseline: Figures, analysis: Analysis): Verdict {
  const stable = baseline.p95Milliseconds();
  const p95 = target.p95Milliseconds();
  if (stable === undefined || p95 === undefined) return { verdict: "passed", reasons: [] };
  const { maxP95Ratio, p95SlackMilliseconds } = analysis;
  const limit = Math.max(stable * maxP95Ratio, stable + p95SlackMilliseconds);
  if (p95 <= limit) return { verdict: "passed", reasons: [] };
  const words =
    `p95 latency ${p95} ms, the stable version's ${stable} ms (allowed: ${maxP95Ratio} times that, and ` +
    `${p95SlackMilliseconds} ms more in any case)`;
  // Where one request in twenty is slow by its nature, a few more than that in a small sample mean nothing.
  const { measured, slower } = target.slowerThan(limit);
  return slower > measured * 0.05 + chance * Math.sqrt(measured * 0.05 * 0.95)
    ? failed(words)
    : inconclusive(`${words}; it may be chance among ${measured} requests`);
}

function failed(reason: string): Verdict {
  return { verdict: "failed", reasons: [reason] };
}

function inconclusive(reason: string): Verdict {
  return { verdict: "inconclusive", reasons: [reason] };
}

function percent(share: number): string {
  return `${Number(share.toPrecision(3))} %`;
}

/** `312 requests, 0 errors, p95 12 ms (stable 11 ms)` */
export function describeTraffic(target: Traffic, stable: Traffic | undefined): string {
  const { requests, errors, p95Milliseconds: p95 } = target;
  const beside = stable?.p95Milliseconds === undefined ? "" : ` (stable ${stable.p95Milliseconds} ms)`;
  return [
    `${requests} ${requests === 1 ? "request" : "requests"}`,
    `${errors} ${errors === 1 ? "error" : "errors"}`,
    ...(p95 === undefined ? [] : [`p95 ${p95} ms${beside}`]),
  ].join(", ");
}
