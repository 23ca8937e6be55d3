import { everywhere, releaseGate } from "../../gate";
import { listOf, show } from "../../known";

export const disallowHeldVersion = releaseGate({
  name: "release-disallow-held-version",
  displayName: "What was rolled back stays away",
  description: "A version that was rolled back from is not released again by itself.",
  severity: "high",
  remediationSteps:
    "Release a mended version; or say that this one is good after all: npm run up -- --release-hold.",
  seed: "Safe deployment workflow, rollback procedure: investigate and fix issues before retrying",
  waivable: true,
  environments: everywhere,
  *check({ version, held }) {
    if (!listOf(held).includes(version)) return;
    yield `is of ${show(version)}, which is held: it was rolled back from. Allowed: another version. Release a mended one, or lift the hold (slipway:releaseHold).`;
  },
});
