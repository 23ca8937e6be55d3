import { releaseGate } from "../../gate";
import { objectOf, show } from "../../known";
import { amount } from "../../rule";

export const requireBake = releaseGate({
  name: "release-require-bake",
  displayName: "Each step bakes",
  description: "A new version keeps its share of the traffic for a while before it gets more.",
  severity: "high",
  remediationSteps: "Set bakeSeconds in slipway:strategy.",
  seed: "Safe deployment workflow, step 7: error rates and metrics are verified after the deployment",
  waivable: true,
  environments: ["production"],
  options: { minBakeSeconds: amount("How long each step bakes at least, in seconds.", 0, 60) },
  *check({ strategy }, { options }) {
    const { bakeSeconds } = objectOf(strategy);
    if (typeof bakeSeconds === "number" && bakeSeconds >= options.minBakeSeconds) return;
    yield `bakes for ${show(bakeSeconds)} seconds. Allowed: ${options.minBakeSeconds} or more. Set bakeSeconds in slipway:strategy.`;
  },
});
