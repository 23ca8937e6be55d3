/** The policy pack's entry: lists its rules, and nothing else. Constructing the pack starts its server. */
import { PolicyPack } from "@pulumi/policy";
import { disallowPlaintextSecrets } from "./rules/containers/disallow-plaintext-secrets";
import { disallowPrivileged } from "./rules/containers/disallow-privileged";
import { disallowPublicPorts } from "./rules/containers/disallow-public-ports";
import { requireHealthCheck } from "./rules/containers/require-health-check";
import { requireLimits } from "./rules/containers/require-limits";
import { requirePinnedImage } from "./rules/containers/require-pinned-image";
import { listNotEvaluated } from "./rules/pack/list-not-evaluated";
import { listWaivers } from "./rules/pack/list-waivers";
import { requireEvidence } from "./rules/release/require-evidence";
import { requireRolloutGates } from "./rules/release/require-rollout-gates";
import { requireStamp } from "./rules/release/require-stamp";
import { requireSmokeTestBeforeTraffic } from "./rules/release/require-smoke-test-before-traffic";

// The list of waivers is first, since they hold for every rule after it; the list of what none could judge is last.
new PolicyPack("slipway", {
  enforcementLevel: "mandatory",
  policies: [
    listWaivers,
    requireEvidence,
    requireSmokeTestBeforeTraffic,
    requireRolloutGates,
    requireStamp,
    disallowPlaintextSecrets,
    disallowPrivileged,
    disallowPublicPorts,
    requireHealthCheck,
    requireLimits,
    requirePinnedImage,
    listNotEvaluated,
  ],
});
