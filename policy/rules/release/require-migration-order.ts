import { show, textOf } from "../../known";
import { stackRule } from "../../rule";

const needed: Readonly<Record<string, { type: string; why: string; what: string }>> = {
  expand: { type: "slipway:index:Backup", what: "Backup", why: "nothing to restore if it goes wrong" },
  contract: {
    type: "slipway:index:Rollout",
    what: "Rollout",
    why: "the version before may still need what it takes away",
  },
};

export const requireMigrationOrder = stackRule({
  name: "release-require-migration-order",
  displayName: "Backup, expand, rollout, contract",
  description: "A schema grows after a backup and before the rollout, and shrinks only after the last bake.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Pass an expand Migration the id of its Backup as after, and a contract Migration the id of its Rollout (components/gates/schema-gate.ts does).",
  seed: "Safe deployment workflow, step 4: back the database up if the schema changes",
  unknown: "fits",
  waivable: false,
  *check(resources) {
    for (const resource of resources.filter(({ type }) => type === "slipway:index:Migration")) {
      const { phase } = resource.properties;
      const wanted = needed[textOf(phase)];
      if (wanted === undefined || resource.uses("after").some(({ type }) => type === wanted.type)) continue;
      yield {
        message: `Migration "${resource.name}" (${show(phase)}) does not come after a ${wanted.what}: ${wanted.why}. Allowed: after: the id of the ${wanted.what}. Pass it.`,
        resource,
      };
    }
  },
});
