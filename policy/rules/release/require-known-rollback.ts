import { releaseType } from "../../gate";
import { listOf, show } from "../../known";
import { resourceRule } from "../../rule";

/** The other gates let a rollback pass; this one sees that it is one. */
export const requireKnownRollback = resourceRule({
  name: "release-require-known-rollback",
  displayName: "A rollback goes back",
  description: "A rollback is to a version that this stack has really released; anything else is a release.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Roll back to a version that npm run history lists, or release the version through the gates (rollback: false).",
  seed: "Safe deployment workflow, rollback procedure: redeploy the previous version",
  unknown: "closed",
  waivable: false,
  types: [releaseType],
  *check({ rollback, version, released }, { name }) {
    const known = listOf(released);
    if (rollback !== true || known.includes(version)) return;
    yield `Release "${name}" is a rollback to ${show(version)}, which this stack has not released. Allowed: ${known.map(show).join(", ") || "none"}. Roll back to one of them, or release it through the gates.`;
  },
});
