import { cloudflare } from "../../cloudflare";
import { requirementRule } from "../../requirements";

export const requireDatabaseProtection = requirementRule({
  name: "cloudflare-require-database-protection",
  displayName: "A D1 database is not lost by an update",
  description: "D1 databases are protected, by Pulumi: Cloudflare has no protection of its own.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps: "Set protect: true among the resource's options; D1 itself keeps 30 days of Time Travel.",
  seed: "Production promotion, D1 rollback: there must be data to restore",
  waivable: true,
  requirements: [
    {
      type: cloudflare.database,
      noun: "D1 database",
      property: "protect",
      isMet: (protect) => protect === true,
      fault: "can be deleted by an update, with all that it holds",
      allowed: "true",
      mend: "Set protect: true among the resource's options.",
    },
  ],
});
