import { ecsServiceType, hasHook } from "../../ecs-hooks";
import { releaseType } from "../../gate";
import { stackRule } from "../../rule";

/** On AWS the smoke test is a function that ECS calls before production traffic, or one that runs before a service changes. */
export const requireSmokeTest = stackRule({
  name: "release-require-smoke-test",
  displayName: "The smoke test cannot be left out",
  description: "Whatever gets traffic, by a Rollout or by ECS, has its smoke test in the same stack.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Declare a SmokeTest of the version; on ECS a hook at POST_TEST_TRAFFIC_SHIFT, or an Invocation that the service depends on (components/gates does).",
  seed: "DevOps engineer, workflow phase 4: smoke testing, health verified",
  unknown: "fits",
  waivable: false,
  *check(resources) {
    if (resources.some(({ type, properties }) => type === releaseType && properties["rollback"] === true))
      return;
    const tested = resources.some(({ type }) => type === "slipway:index:SmokeTest");
    for (const resource of resources) {
      const missing =
        resource.type === "slipway:index:Rollout"
          ? !tested
          : resource.type === ecsServiceType && !hasHook(resource, "POST_TEST_TRAFFIC_SHIFT");
      if (!missing) continue;
      yield {
        message: `"${resource.name}" gets traffic that no smoke test stands before. Allowed: with one. Declare it.`,
        resource,
      };
    }
  },
});
