import type { Start, Step, Target } from "./step";

/** The share of one replica of the stable version after the other; the replica gets no new request from then on. */
export function plan(start: Start, { version, strategy }: Target<"rolling">): Step[] {
  const { stable, servers, weightPercent } = start;
  const { bakeSeconds, analysis } = strategy;
  const replicas = Math.max(servers.length, 1);
  return Array.from({ length: replicas }, (_, index) => ({
    route: {
      ...{ stable, candidate: version },
      weightPercent: Math.round((100 * (index + 1)) / replicas),
    },
    ...{ bakeSeconds, analysis },
    drained: servers.slice(0, index + 1),
  })).filter(({ route }) => route.weightPercent >= weightPercent);
}
