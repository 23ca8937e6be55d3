import { releaseType } from "../../gate";
import { listOf, objectOf, show } from "../../known";
import { amount, resourceRule } from "../../rule";

/** The release tells the plan, and the rollout carries it out: both are judged. */
export const requireGradualSteps = resourceRule({
  name: "release-require-gradual-steps",
  displayName: "A canary begins small",
  description: "A canary's share of the traffic begins small and only rises.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps: "Set slipway:strategy steps such as [5, 25, 50, 100].",
  seed: "Safe deployment workflow, step 5: canary for risky changes, gradual rollout",
  unknown: "closed",
  waivable: true,
  types: [releaseType, "slipway:index:Rollout"],
  options: {
    maxFirstPercent: amount("The share of the traffic that a canary may begin with, in percent.", 1, 10),
  },
  *check({ strategy }, { name, options }) {
    const { kind, steps } = objectOf(strategy);
    if (kind !== "canary" || steps === undefined) return;
    const weights = listOf(steps).map(Number);
    const [first = NaN] = weights;
    const mend = "Set steps such as [5, 25, 50, 100].";
    if (!(first <= options.maxFirstPercent)) {
      yield `"${name}" gives its canary ${show(listOf(steps)[0])} percent at once. Allowed: ${options.maxFirstPercent} at most. ${mend}`;
    }
    if (!weights.every((weight, index) => weight > (weights[index - 1] ?? 0)) || weights.at(-1) !== 100) {
      yield `"${name}" has the canary steps ${show(steps)}. Allowed: rising, and 100 at the end. ${mend}`;
    }
  },
});
