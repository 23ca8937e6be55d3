/** How a strategy is told to Amazon ECS, whose own deployment controller moves the traffic. Pure. */
import type { Strategy } from "../../provider/schema/strategy";

/** The part of a service that says how its next version takes over. */
export interface EcsPlan {
  readonly deploymentConfiguration: {
    readonly strategy: "ROLLING" | "BLUE_GREEN" | "CANARY" | "LINEAR";
    /** Minutes as text: how long the old tasks stay after the new ones have all traffic. */
    readonly bakeTimeInMinutes?: string;
    readonly canaryConfiguration?: {
      readonly canaryPercent: number;
      readonly canaryBakeTimeInMinutes: string;
    };
    readonly linearConfiguration?: { readonly stepPercent: number; readonly stepBakeTimeInMinutes: string };
  };
  /** How many tasks there may be while it lasts, in percent of those wanted. */
  readonly deploymentMinimumHealthyPercent: number;
  readonly deploymentMaximumPercent: number;
  /** ECS counts failed tasks for ROLLING only (API reference, DeploymentCircuitBreaker). */
  readonly circuitBreaker: boolean;
  /** New tasks stand beside the old ones and get test traffic first; only then does ECS run lifecycle hooks. */
  readonly shiftsTraffic: boolean;
  /** The bakes of all steps together, in minutes. */
  readonly bakeMinutes: number;
}

/**
 * The plan for a strategy. A rollback of one that shifts traffic goes back at once and bakes nothing: no gate stands in the way back.
 *
 * Bakes are whole minutes from 0 to 1440 on ECS; shares go in two steps (CANARY, 0.1 to 100 %) or in equal ones (LINEAR, 3 to 100 %)
 * (API reference: DeploymentConfiguration, CanaryConfiguration, LinearConfiguration).
 *
 * @throws Error for what ECS cannot do, with what it can
 */
export function planEcs(strategy: Strategy, rollback: boolean): EcsPlan {
  if ("analysis" in strategy && strategy.analysis !== undefined) {
    throw new Error(
      `The strategy "${strategy.kind}" has an analysis, which ECS does not do: it judges a version by CloudWatch alarms. ` +
        "Leave analysis out; the service's alarms roll back by themselves.",
    );
  }
  switch (strategy.kind) {
    case "direct":
      return rolling(0, 100);
    case "rolling":
      if (strategy.bakeSeconds !== 0) {
        throw new Error(
          `The strategy "rolling" has bakeSeconds ${strategy.bakeSeconds}; ECS replaces task by task without a bake. ` +
            'Use bakeSeconds 0, or the strategy "blue-green" or "canary".',
        );
      }
      return rolling(100, 200);
    case "blue-green":
      return rollback ? atOnce(0) : atOnce(minutesOf(strategy.kind, strategy.bakeSeconds));
    case "canary":
      return rollback ? atOnce(0) : canary(strategy);
  }
}

function rolling(least: number, most: number): EcsPlan {
  return {
    deploymentConfiguration: { strategy: "ROLLING" },
    deploymentMinimumHealthyPercent: least,
    deploymentMaximumPercent: most,
    circuitBreaker: true,
    shiftsTraffic: false,
    bakeMinutes: 0,
  };
}

function atOnce(bakeMinutes: number): EcsPlan {
  return shifting({ strategy: "BLUE_GREEN", bakeTimeInMinutes: String(bakeMinutes) }, bakeMinutes);
}

function shifting(deploymentConfiguration: EcsPlan["deploymentConfiguration"], bakeMinutes: number): EcsPlan {
  return {
    deploymentConfiguration,
    deploymentMinimumHealthyPercent: 100,
    deploymentMaximumPercent: 200,
    circuitBreaker: false,
    shiftsTraffic: true,
    bakeMinutes,
  };
}

function canary({ kind, steps, bakeSeconds, sticky }: Extract<Strategy, { kind: "canary" }>): EcsPlan {
  if (sticky) {
    throw new Error(
      'The strategy "canary" is sticky, and ECS gives each request its share alone. Use sticky false.',
    );
  }
  const minutes = minutesOf(kind, bakeSeconds);
  const bake = String(minutes);
  const first = steps[0] ?? 100;
  if (first === 100) return atOnce(minutes);
  if (steps.length === 2) {
    return shifting(
      {
        strategy: "CANARY",
        bakeTimeInMinutes: bake,
        canaryConfiguration: { canaryPercent: first, canaryBakeTimeInMinutes: bake },
      },
      2 * minutes,
    );
  }
  const equal = steps.every((share, index) => share === Math.min(first * (index + 1), 100));
  if (!equal || first < 3) {
    throw new Error(
      `The strategy "canary" has the steps ${JSON.stringify(steps)}; ECS shifts in two steps, such as [5, 100], or in equal ones ` +
        "of 3 to 100 percent, such as [25, 50, 75, 100]. Use one of these.",
    );
  }
  return shifting(
    {
      strategy: "LINEAR",
      bakeTimeInMinutes: bake,
      linearConfiguration: { stepPercent: first, stepBakeTimeInMinutes: bake },
    },
    steps.length * minutes,
  );
}

function minutesOf(kind: string, seconds: number): number {
  const minutes = seconds / 60;
  if (Number.isInteger(minutes) && minutes >= 0 && minutes <= 1440) return minutes;
  throw new Error(
    `The strategy "${kind}" has bakeSeconds ${seconds}; ECS bakes for whole minutes. Use a multiple of 60 from 0 to 86400.`,
  );
}
