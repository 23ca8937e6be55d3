import { everywhere, releaseGate } from "../../gate";
import { listOf, show } from "../../known";

/** The first release has nothing to go back to. */
export const requirePreviousVersion = releaseGate({
  name: "release-require-previous-version",
  displayName: "There is a way back",
  description: "A release names the version before it, which this stack has released and can restore.",
  severity: "high",
  remediationSteps:
    "Declare the release with declareRelease (stacks/release.ts), which reads the version from the stack's outputs.",
  seed: "DevOps engineer, quality gate: previous version tagged and available for rollback",
  waivable: true,
  environments: everywhere,
  *check({ version, released, previousVersion }) {
    const others = listOf(released).filter((each) => each !== version);
    if (others.length === 0 || others.includes(previousVersion)) return;
    yield `has the previous version ${show(previousVersion)}, which this stack cannot restore. Allowed: ${others.map(show).join(", ")}. Name the one that is live.`;
  },
});
