import { releaseGate } from "../../gate";
import { objectOf, textOf } from "../../known";

export const requireCurrentDirection = releaseGate({
  name: "documents-require-current-direction",
  displayName: "The direction has not expired",
  description: "The deployment direction has an owner, was reviewed, and has not expired.",
  severity: "medium",
  remediationSteps:
    "Have the owner review docs/directions/deployment.md, and set last_reviewed and expires in its front matter.",
  seed: "Deployment direction: front matter with owner, last_reviewed and expires",
  waivable: true,
  environments: ["staging", "production"],
  *check({ documents }, { now }) {
    const { direction } = objectOf(documents);
    const { owner, lastReviewed, expires } = objectOf(direction);
    const mend =
      "Allowed: an owner, a review that has been, an end that is to come. Have docs/directions/deployment.md reviewed.";
    if (direction === undefined || textOf(owner) === "") {
      yield `has no deployment direction with an owner. ${mend}`;
      return;
    }
    if (!(Date.parse(textOf(lastReviewed)) <= now.getTime())) {
      yield `has a deployment direction that was reviewed ${textOf(lastReviewed) || "never"}. ${mend}`;
    }
    // It holds to the end of its last day.
    if (!(Date.parse(`${textOf(expires)}T23:59:59Z`) >= now.getTime())) {
      yield `has a deployment direction that expired on ${textOf(expires) || "an unknown day"}. ${mend}`;
    }
  },
});
