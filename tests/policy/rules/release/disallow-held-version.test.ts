import { disallowHeldVersion } from "../../../../policy/rules/release/disallow-held-version";
import { describeGate } from "../../gates";

describeGate(disallowHeldVersion, {
  reads: ["version", "held"],
  alsoPasses: [{ held: undefined }],
  broken: {
    "a version that was rolled back from": [
      { version: "1.1.0" },
      'is of "1.1.0", which is held: it was rolled back from. Allowed: another version. Release a mended one, or lift the hold (slipway:releaseHold).',
    ],
  },
});
