import assert from "node:assert/strict";
import fc from "fast-check";
import { faultOfPercent, splitTraffic } from "../../../components/edge/worker-traffic";

describe("traffic of the Worker's versions", () => {
  it("gives the first version everything", () => {
    assert.deepEqual(splitTraffic("new", 100, undefined), [{ versionId: "new", percentage: 100 }]);
  });

  it("splits between the new version and the stable one", () => {
    assert.deepEqual(splitTraffic("new", 33.33, "stable"), [
      { versionId: "new", percentage: 33.33 },
      { versionId: "stable", percentage: 66.67 },
    ]);
  });

  it("leaves all traffic on the stable version at 0 percent", () => {
    assert.deepEqual(splitTraffic("new", 0, "stable"), [{ versionId: "stable", percentage: 100 }]);
  });

  it("names a version once when the new one is the stable one", () => {
    assert.deepEqual(splitTraffic("same", 10, "same"), [{ versionId: "same", percentage: 100 }]);
  });

  it("always makes 100 percent of shares that the provider takes", () => {
    // Shares as Cloudflare has them: hundredths of a percent.
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (hundredths) => {
        const traffic = splitTraffic("new", hundredths / 100, "stable");
        assert.ok(traffic.every(({ percentage }) => percentage >= 0.01 && percentage <= 100));
        const sum = traffic.reduce((total, { percentage }) => total + Math.round(percentage * 100), 0);
        assert.equal(sum, 10_000);
      }),
    );
  });

  for (const percent of [-1, 0.001, 100.5, NaN]) {
    it(`refuses ${percent} percent`, () => {
      assert.equal(
        faultOfPercent(percent, true),
        `The Worker's share is ${percent} percent; it can be 0, or from 0.01 to 100.`,
      );
    });
  }

  it("refuses a part of the traffic when nothing could take the rest", () => {
    assert.equal(
      faultOfPercent(10, false),
      "The Worker's share is 10 percent, but no version of it serves yet that could take the rest; deploy with 100 first.",
    );
    assert.equal(faultOfPercent(100, false), undefined);
    assert.equal(faultOfPercent(0, true), undefined);
  });
});
