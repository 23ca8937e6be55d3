import { takeNotEvaluated } from "../../not-evaluated";
import { stackRule } from "../../rule";

/** The last of the pack: one note for all that no rule could judge, so that a quiet preview is no green one. */
export const listNotEvaluated = stackRule({
  name: "pack-list-not-evaluated",
  displayName: "What was not evaluated is told",
  description:
    "Not evaluated: values that only the update will know; it judges them before each resource is touched.",
  severity: "low",
  enforcementLevel: "advisory",
  remediationSteps: "Nothing, or give the resource a value that is known in preview.",
  seed: "DevOps engineer, entry checklist: nothing is assumed that was not verified",
  unknown: "fits",
  waivable: false,
  *check() {
    const entries = takeNotEvaluated();
    if (entries.length === 0) return;
    const lines = entries.map(({ rule, name, paths }) => `  ${rule}: "${name}" ${paths.join(", ")}`);
    yield { message: `${entries.length} to judge in the update:\n${lines.join("\n")}` };
  },
});
