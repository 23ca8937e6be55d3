import type { Start, Step, Target } from "./step";

/** The shares that are asked for; those that the version had already, before a crash, are not gone back to. */
export function plan({ stable, weightPercent }: Start, { version, strategy }: Target<"canary">): Step[] {
  const { steps, bakeSeconds, analysis, sticky } = strategy;
  return steps
    .filter((share) => share >= weightPercent)
    .map((share) => ({
      route: { stable, candidate: version, weightPercent: share, ...(sticky ? { sticky } : {}) },
      ...{ bakeSeconds, analysis, drained: [] },
    }));
}
