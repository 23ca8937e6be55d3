import { copyKnown } from "../../known";
import { resourceRule } from "../../rule";
import { stampFault, stampOf } from "../../stamp";

/**
 * No gate, no release. The stamp is there in preview, and the same again for the same inputs. Last of the release's rules: a remediation has no say over the
 * others, and a release that breaks one is stopped all the same.
 */
export const requireStamp = resourceRule({
  name: "release-require-stamp",
  displayName: "No gate, no release",
  description:
    "A release carries the stamp of the policy pack that judged it; the provider makes none without.",
  severity: "critical",
  enforcementLevel: "remediate",
  remediationSteps: "Keep this rule at its level, remediate: it stamps the release itself.",
  seed: "Promotion to production, pre-flight: do not proceed unless the release has passed all quality gates",
  unknown: "closed",
  waivable: false,
  types: ["slipway:index:Release"],
  remediate: ({ props }) => {
    let known = true;
    const stamp = stampOf(copyKnown(props, () => (known = false)));
    // Half a case gets no stamp; the validation says what is not known.
    if (!known) return undefined;
    props["stamp"] = stamp;
    return props;
  },
  *check(release, { name }) {
    // Reads every input, so that one which is not known is told.
    const fits = release["stamp"] === stampOf(release);
    const fault = stampFault(release);
    if (!fits && fault !== undefined) {
      yield `Release "${name}": ${fault} Allowed: this rule at the level remediate.`;
    }
  },
});
