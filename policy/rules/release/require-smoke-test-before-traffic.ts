import { notKnown, textOf } from "../../known";
import { resourceRule } from "../../rule";

/** An id that only the update will know is that of a resource which is still to be made, so it names one. */
export const requireSmokeTestBeforeTraffic = resourceRule({
  name: "release-require-smoke-test-before-traffic",
  displayName: "No traffic without a smoke test",
  description: "A version gets traffic only after its smoke test passed.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps: "Declare a SmokeTest of the version, and give its id to the Rollout as smokeTest.",
  seed: "Safe deployment workflow, step 3 and 7: smoke tests pass on the build and after the deployment",
  unknown: "fits",
  waivable: false,
  types: ["slipway:index:Rollout"],
  *check({ smokeTest }, { name }) {
    if (smokeTest === notKnown || textOf(smokeTest) !== "") return;
    yield `Rollout "${name}" names no smoke test. Allowed: the id of the version's SmokeTest. Set smokeTest to it.`;
  },
});
