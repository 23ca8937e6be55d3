import { releaseGate } from "../../gate";
import { objectOf } from "../../known";

const runbook = "rollback";

export const requireRollbackPlan = releaseGate({
  name: "release-require-rollback-plan",
  displayName: "The way back is written down",
  description: "There is a rollback runbook before there is a release to roll back.",
  severity: "high",
  remediationSteps: `Write docs/runbooks/${runbook}.md: who decides, the command, how to see that it worked.`,
  seed: "Safe deployment workflow, step 4: document the rollback procedure",
  waivable: true,
  environments: ["staging", "production"],
  *check({ documents }) {
    if (Object.hasOwn(objectOf(objectOf(documents)["runbooks"]), runbook)) return;
    yield `has no rollback plan. Allowed: a runbook docs/runbooks/${runbook}.md. Write it.`;
  },
});
