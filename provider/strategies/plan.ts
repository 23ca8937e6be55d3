/** The way from what the gateway routes by to a version that has all traffic. Pure. */
import { plan as blueGreen } from "./blue-green";
import { plan as canary } from "./canary";
import { plan as direct } from "./direct";
import { plan as rolling } from "./rolling";
import type { Current, Start, Step, Target } from "./step";
import { atOnce, describeStep } from "./step";

/**
 * The steps to the target, none when it has all traffic. The target's share never falls and ends at 100; at every step the stable
 * version is still there for the way back. A rollout that was left in the middle goes on from where it was, or back: by one step when
 * its stable version is the target, and before anything else when a third version is.
 */
export function plan({ route, servers }: Current, target: Target): Step[] {
  const { version } = target;
  if (route?.stable === version) return route.candidate === undefined ? [] : [atOnce(version)];
  if (route === undefined || target.rollback) return [atOnce(version)];
  const { stable, candidate, weightPercent } = route;
  if (candidate === version) return chosen({ stable, servers, weightPercent }, target);
  const back = weightPercent > 0 ? [atOnce(stable)] : [];
  return [...back, ...chosen({ stable, servers, weightPercent: 0 }, target)];
}

/** The steps in words, from what only the stack's state tells: how many servers there are is the gateway's to know. */
export function foresee(live: string, target: Target): string[] {
  if (target.strategy.kind === "rolling" && live !== target.version && !target.rollback) {
    return [`the traffic of one replica of ${live} after the other to ${target.version}`];
  }
  return plan({ route: { stable: live, weightPercent: 0 }, servers: [] }, target).map(describeStep);
}

function chosen(start: Start, { version, strategy, rollback }: Target): Step[] {
  switch (strategy.kind) {
    case "direct":
      return direct({ version });
    case "blue-green":
      return blueGreen(start, { version, strategy, rollback });
    case "canary":
      return canary(start, { version, strategy, rollback });
    case "rolling":
      return rolling(start, { version, strategy, rollback });
  }
}
