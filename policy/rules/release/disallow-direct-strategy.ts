import { releaseGate } from "../../gate";
import { objectOf, show, textOf } from "../../known";
import { texts } from "../../rule";

export const disallowDirectStrategy = releaseGate({
  name: "release-disallow-direct-strategy",
  displayName: "No downtime in production",
  description: "Production moves its traffic without downtime, and keeps the version before warm.",
  severity: "high",
  remediationSteps: "Set slipway:strategy to a kind that is allowed, such as canary.",
  seed: "Safe deployment workflow, step 5: direct deploys are for low-traffic, non-critical updates",
  waivable: true,
  environments: ["production"],
  options: {
    allowedStrategies: texts("Strategies that releases may take.", ["blue-green", "canary", "rolling"]),
  },
  *check({ strategy }, { options }) {
    const { kind } = objectOf(strategy);
    if (options.allowedStrategies.includes(textOf(kind))) return;
    yield `has the strategy ${show(kind)}. Allowed: ${options.allowedStrategies.join(", ")}. Set slipway:strategy.`;
  },
});
