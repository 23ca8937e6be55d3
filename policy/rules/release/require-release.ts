import { releaseType } from "../../gate";
import { stackRule } from "../../rule";

/** Pulumi's own are there before any program says anything. */
const own = /^pulumi:/;

export const requireRelease = stackRule({
  name: "release-require-release",
  displayName: "Nothing without a release",
  description: "A stack that makes anything has a Release: no gate is evaded by leaving it out.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps: "Declare the Release first (declareRelease in stacks/release.ts).",
  seed: "DevOps engineer, quality gate: all checks must be true to proceed",
  unknown: "fits",
  waivable: false,
  *check(resources) {
    const made = resources.filter(({ type }) => !own.test(type));
    if (made.length === 0 || made.some(({ type }) => type === releaseType)) return;
    yield {
      message: `The stack has ${made.length} resources and no Release, so no gate was asked. Allowed: with one. Declare it first.`,
    };
  },
});
