import { requirePreviousVersion } from "../../../../policy/rules/release/require-previous-version";
import { describeGate } from "../../gates";

describeGate(requirePreviousVersion, {
  reads: ["version", "released", "previousVersion"],
  alsoPasses: [
    { released: [], previousVersion: undefined },
    { released: ["1.4.0"], previousVersion: undefined },
  ],
  broken: {
    "no previous version, where there was one": [
      { previousVersion: undefined },
      'has the previous version (none), which this stack cannot restore. Allowed: "1.3.0", "1.2.0". Name the one that is live.',
    ],
    "a previous version that was never released": [
      { previousVersion: "9.9.9" },
      'has the previous version "9.9.9", which this stack cannot restore. Allowed: "1.3.0", "1.2.0". Name the one that is live.',
    ],
  },
});
