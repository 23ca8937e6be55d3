import type { Start, Step, Target } from "./step";

/** All traffic in one step, the way back open until the bake is over. */
export function plan({ stable }: Start, { version, strategy }: Target<"blue-green">): Step[] {
  const route = { stable, candidate: version, weightPercent: 100 };
  return [{ route, bakeSeconds: strategy.bakeSeconds, analysis: strategy.analysis, drained: [] }];
}
