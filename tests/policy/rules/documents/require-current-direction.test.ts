import { requireCurrentDirection } from "../../../../policy/rules/documents/require-current-direction";
import { dayFromNow, describeGate, documents } from "../../gates";

const { direction } = documents;
const mend =
  "Allowed: an owner, a review that has been, an end that is to come. Have docs/directions/deployment.md reviewed.";
const changed = (changes: object) => ({
  documents: { ...documents, direction: { ...direction, ...changes } },
});
const past = dayFromNow(-2);
const future = dayFromNow(2);

describeGate(requireCurrentDirection, {
  reads: ["documents"],
  onlyInProduction: true,
  alsoPasses: [changed({ expires: dayFromNow(1), lastReviewed: dayFromNow(0) })],
  broken: {
    "no direction": [
      { documents: { ...documents, direction: undefined } },
      `has no deployment direction with an owner. ${mend}`,
    ],
    "no owner": [changed({ owner: "" }), `has no deployment direction with an owner. ${mend}`],
    "a direction that has expired": [
      changed({ expires: past }),
      `has a deployment direction that expired on ${past}. ${mend}`,
    ],
    "a review that is still to come": [
      changed({ lastReviewed: future }),
      `has a deployment direction that was reviewed ${future}. ${mend}`,
    ],
    "neither review nor end": [
      changed({ lastReviewed: undefined, expires: undefined }),
      `has a deployment direction that was reviewed never. ${mend}`,
      `has a deployment direction that expired on an unknown day. ${mend}`,
    ],
  },
});
