import { requireRollbackPlan } from "../../../../policy/rules/release/require-rollback-plan";
import { describeGate, documents } from "../../gates";

const fault = "has no rollback plan. Allowed: a runbook docs/runbooks/rollback.md. Write it.";

describeGate(requireRollbackPlan, {
  reads: ["documents"],
  onlyInProduction: true,
  alsoPasses: [{ documents: { ...documents, runbooks: { rollback: null } } }],
  broken: {
    "no rollback runbook": [{ documents: { ...documents, runbooks: { hotfix: "2026-11-01" } } }, fault],
    "no documents": [{ documents: undefined }, fault],
  },
});
