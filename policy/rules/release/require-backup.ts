import { ecsServiceType, hasHook } from "../../ecs-hooks";
import { stackRule } from "../../rule";

const databases = ["aws:rds/instance:Instance", "aws:rds/cluster:Cluster"];

/** On AWS a snapshot is made by a function that ECS calls before it starts anything, or by one that runs before a service changes. */
export const requireBackup = stackRule({
  name: "release-require-backup",
  displayName: "The backup cannot be left out",
  description: "Whatever changes a schema has its backup in the same stack.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Declare a Backup of the version; on ECS a hook at PRE_SCALE_UP, or an Invocation that the service depends on (components/gates does).",
  seed: "Safe deployment workflow, step 4: create a backup point",
  unknown: "fits",
  waivable: false,
  *check(resources) {
    const rollback = resources.some(
      ({ type, properties }) => type === "slipway:index:Release" && properties["rollback"] === true,
    );
    if (rollback) return;
    const backedUp = resources.some(({ type }) => type === "slipway:index:Backup");
    const hasData = resources.some(({ type }) => databases.includes(type));
    for (const resource of resources) {
      const missing =
        resource.type === "slipway:index:Migration"
          ? !backedUp
          : hasData && resource.type === ecsServiceType && !hasHook(resource, "PRE_SCALE_UP");
      if (!missing) continue;
      yield {
        message: `"${resource.name}" may change the schema, and no backup comes before it. Allowed: with one. Declare it.`,
        resource,
      };
    }
  },
});
