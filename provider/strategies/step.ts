/** What a plan is made of. Pure. */
import type { Route } from "../gateway/maps";
import type { Analysis, Strategy, StrategyKind } from "../schema/strategy";

/** What the gateway routes by before a rollout. */
export interface Current {
  /** Undefined before the service's first deployment. */
  route?: Route;
  /** Names of the servers of the route's stable version. */
  servers: readonly string[];
}

/** Where the traffic is to go, and how. */
export interface Target<Kind extends StrategyKind = StrategyKind> {
  version: string;
  strategy: Extract<Strategy, { kind: Kind }>;
  /** The version was live before and is warm: the shortest way. */
  rollback: boolean;
}

/** Where a strategy starts: another version is stable, the target has `weightPercent` of the traffic, no third version has any. */
export interface Start {
  stable: string;
  /** Names of the stable version's servers. */
  servers: readonly string[];
  weightPercent: number;
}

/** One move of traffic, and how long it is watched before the next. */
export interface Step {
  route: Route;
  /** How long the target keeps this share at least; 0: the next step follows at once. */
  bakeSeconds: number;
  /** Undefined: only the health of the target's servers counts. */
  analysis?: Analysis | undefined;
  /** The stable version's servers that get no new request from this step on. */
  drained: readonly string[];
}

/** All traffic to one version, none to any other. */
export function settled(version: string): Route {
  return { stable: version, weightPercent: 0 };
}

/** All traffic to one version by a single command, and nothing to wait for. */
export function atOnce(version: string): Step {
  return { route: settled(version), bakeSeconds: 0, drained: [] };
}

/** A step in words: `25 % of the traffic to 2.0.0, 60 s of bake, analysis against 1.0.0`. */
export function describeStep({ route, bakeSeconds, analysis, drained }: Step): string {
  const { stable, candidate, weightPercent } = route;
  if (candidate === undefined) return `all traffic to ${stable}`;
  return [
    `${weightPercent} % of the traffic to ${candidate}`,
    ...(drained.length === 0 ? [] : [`${drained.join(", ")} of ${stable} drained`]),
    ...(bakeSeconds === 0 ? [] : [`${bakeSeconds} s of bake`]),
    ...(analysis === undefined ? [] : [`analysis against ${stable}`]),
  ].join(", ");
}
