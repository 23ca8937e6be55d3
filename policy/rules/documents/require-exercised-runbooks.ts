import { releaseGate } from "../../gate";
import { objectOf, textOf } from "../../known";
import { amount, texts } from "../../rule";

const day = 24 * 3_600_000;

export const requireExercisedRunbooks = releaseGate({
  name: "documents-require-exercised-runbooks",
  displayName: "Runbooks are exercised",
  description:
    "The runbooks that an operator needs at night are there, and somebody has followed them lately.",
  severity: "medium",
  remediationSteps:
    "Follow the runbook on staging or the local stack, mend what is wrong in it, and note the date in docs/runbooks/exercised.json.",
  seed: "Deployment direction: rollback and hotfix procedures are documented in runbooks and kept exercised",
  waivable: true,
  environments: ["staging", "production"],
  options: {
    runbooks: texts("Names of the runbooks that must be there.", ["rollback", "hotfix"]),
    maxAgeDays: amount("How long ago each was exercised at most, in days.", 1, 90),
  },
  *check({ documents }, { options, now }) {
    const dates = objectOf(objectOf(documents)["runbooks"]);
    for (const runbook of options.runbooks) {
      const file = `docs/runbooks/${runbook}.md`;
      if (!Object.hasOwn(dates, runbook)) {
        yield `has no runbook ${file}. Allowed: one. Write it, and exercise it.`;
        continue;
      }
      const exercised = textOf(dates[runbook]);
      const age = (now.getTime() - Date.parse(exercised)) / day;
      if (age <= options.maxAgeDays) continue;
      yield `has the runbook ${file}, which ${exercised === "" ? "nobody has exercised" : `was last exercised on ${exercised}`}. Allowed: within ${options.maxAgeDays} days. Exercise it, and note the date in docs/runbooks/exercised.json.`;
    }
  },
});
