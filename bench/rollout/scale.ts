/** How much load, for how long: the benchmark in full, tests in short. */

export interface Scale {
  readonly perSecond: number;
  /** Requests from each command on, at least. */
  readonly leastRequests: number;
  /** Load before each command, for the quiet figures. */
  readonly quietSeconds: number;
  readonly webSockets: number;
  readonly answerLimitSeconds: number;
  readonly replicas: number;
  readonly drainSeconds: number;
  readonly bakeSeconds: number;
  /** Shares of a canary in percent. */
  readonly steps: readonly number[];
  /** When a release that crashes does so. */
  readonly crashSeconds: number;
  /** What a version must hold to get more traffic. */
  readonly analysis: Readonly<Record<string, number>>;
}

export const full: Scale = {
  perSecond: 500,
  leastRequests: 50_000,
  quietSeconds: 20,
  webSockets: 6,
  answerLimitSeconds: 10,
  replicas: 3,
  drainSeconds: 10,
  bakeSeconds: 15,
  steps: [5, 25, 50, 100],
  crashSeconds: 60,
  analysis: { minRequests: 200, pauseSeconds: 60 },
};

/** A part of the full scale: as many of its requests, and its waits no shorter than they have to be. */
export function scaledBy(part: number): Scale {
  const at = (value: number, least: number): number => Math.max(least, Math.round(value * part));
  return {
    ...full,
    perSecond: at(full.perSecond, 20),
    leastRequests: at(full.leastRequests, 100),
    quietSeconds: at(full.quietSeconds, 3),
    webSockets: at(full.webSockets, 2),
    replicas: at(full.replicas, 2),
    bakeSeconds: at(full.bakeSeconds, 3),
    crashSeconds: at(full.crashSeconds, 12),
    // Few requests, some of 2 s among them: a p95 that is steady only above those.
    analysis: { minRequests: at(200, 20), p95SlackMilliseconds: 300, pauseSeconds: 30 },
  };
}

export type Kind = "direct" | "blue-green" | "canary" | "rolling";

/** A strategy's configuration: one that a worse version does not pass. */
export function strategyOf(
  kind: Kind,
  { bakeSeconds, steps, analysis }: Scale,
): Readonly<Record<string, unknown>> {
  switch (kind) {
    case "direct":
      return { kind };
    case "canary":
      return { kind, steps, bakeSeconds, analysis };
    case "blue-green":
    case "rolling":
      return { kind, bakeSeconds, analysis };
  }
}
