import { fuzzEvidence } from "../../bench/policy-fuzz";

describe("the gate's parser of evidence", () => {
  it("neither throws at malformed envelopes nor lets one pass", () => fuzzEvidence(2000));
});
