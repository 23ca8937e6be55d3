import { notKnown, show, type Properties } from "../../known";
import { stackRule } from "../../rule";

const rolloutType = "slipway:index:Rollout";

/**
 * The other rules judge the resources that are there; this one sees that they are. It runs over the whole stack, in preview before anything is touched. A
 * version or service that only the update will know fits any.
 */
export const requireRolloutGates = stackRule({
  name: "release-require-rollout-gates",
  displayName: "A rollout stands behind its gates",
  description:
    "Each rollout has, in the same stack, the Release that it belongs to and the SmokeTest of its version.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Declare the Release (declareRelease in stacks/release.ts), and pass the Rollout the id of the SmokeTest resource itself, not a text.",
  seed: "Safe deployment workflow, step 1: do not proceed when a critical check fails, or is left out",
  unknown: "later",
  waivable: false,
  *check(resources) {
    const releases = resources.filter(({ type }) => type === "slipway:index:Release");
    for (const rollout of resources.filter(({ type }) => type === rolloutType)) {
      const target = rollout.properties;
      const move = `moves the traffic of ${show(target["service"])} to ${show(target["version"])}`;
      if (!releases.some(({ properties }) => isSameVersion(properties, target))) {
        yield {
          message: `Rollout "${rollout.name}" ${move} without its Release in the stack, so no evidence was asked for. Allowed: with one. Declare it first.`,
          resource: rollout,
        };
      }
      const tests = rollout.uses("smokeTest");
      if (
        !tests.some(
          (test) => test.type === "slipway:index:SmokeTest" && isSameVersion(test.properties, target),
        )
      ) {
        yield {
          message: `Rollout "${rollout.name}" ${move}, and its smokeTest is not the id of a SmokeTest of that version in the stack. Allowed: such an id. Pass the resource's own id.`,
          resource: rollout,
        };
      }
    }
  },
});

function isSameVersion(one: Properties, other: Properties): boolean {
  return ["service", "version"].every(
    (key) => one[key] === other[key] || one[key] === notKnown || other[key] === notKnown,
  );
}
