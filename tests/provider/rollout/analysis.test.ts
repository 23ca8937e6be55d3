import assert from "node:assert/strict";
import fc from "fast-check";
import { Figures } from "../../../provider/rollout/access-log";
import { describeTraffic, failsAlready, judge } from "../../../provider/rollout/analysis";
import { analysisSchema } from "../../../provider/schema/strategy";

const analysis = analysisSchema.parse({});

/** Requests, `slow` of them at `slowMs`, the others at 10 ms. */
function traffic(requests: number, more: { errors?: number; slow?: number; slowMs?: number } = {}): Figures {
  const { errors = 0, slow = 0, slowMs = 2000 } = more;
  const figures = new Figures();
  for (let index = 0; index < requests; index++) {
    figures.add({ backend: "b", failed: index < errors, milliseconds: index < slow ? slowMs : 10 });
  }
  return figures;
}
const verdict = (target: Figures, baseline: Figures | undefined, resent = 0) =>
  judge({ figures: target, resent }, baseline, analysis);

describe("an analysis", () => {
  it("passes a version that is as good as the stable one", () => {
    assert.deepEqual(verdict(traffic(50), traffic(1000)), { verdict: "passed", reasons: [] });
    assert.equal(verdict(traffic(200, { errors: 2 }), traffic(1000)).verdict, "passed");
  });

  it("fails one with more errors than allowed, those sent again included", () => {
    const reasons = ["3 of 200 requests failed or had to be sent again (1.5 %; allowed: 1 %)"];
    assert.deepEqual(verdict(traffic(200, { errors: 3 }), traffic(1000)), { verdict: "failed", reasons });
    assert.deepEqual(verdict(traffic(200, { errors: 1 }), traffic(1000), 2), { verdict: "failed", reasons });
  });

  it("fails one before it has the requests it needs, when the errors are no chance any more", () => {
    const few = (errors: number) => ({ figures: traffic(5, { errors }), resent: 0 });
    assert.deepEqual(
      [1, 2, 3].map((errors) => failsAlready(few(errors), analysis)),
      [false, false, true],
    );
    assert.equal(judge(few(3), traffic(1000), analysis).verdict, "failed");
    assert.equal(judge(few(1), traffic(1000), analysis).verdict, "inconclusive");
    const none = { ...analysis, maxErrorPercent: 0 };
    assert.equal(failsAlready(few(1), none), true);
    // One error among many requests may stay one.
    assert.equal(failsAlready({ figures: traffic(1000, { errors: 12 }), resent: 0 }, analysis), false);
  });

  it("fails one whose p95 latency is beyond the stable version's", () => {
    assert.deepEqual(verdict(traffic(100, { slow: 100, slowMs: 80 }), traffic(1000)), {
      verdict: "failed",
      reasons: [
        "p95 latency 80 ms, the stable version's 10 ms (allowed: 1.5 times that, and 50 ms more in any case)",
      ],
    });
    // Within the slack, though six times as slow.
    assert.equal(verdict(traffic(100, { slow: 100, slowMs: 60 }), traffic(1000)).verdict, "passed");
  });

  it("does not take chance for a slow version, where one request in twenty is slow by its nature", () => {
    const { verdict: answer, reasons } = verdict(traffic(100, { slow: 7 }), traffic(1000, { slow: 49 }));
    assert.equal(answer, "inconclusive");
    assert.match(reasons[0] ?? "", /; it may be chance among 100 requests$/);
    assert.equal(verdict(traffic(100, { slow: 20 }), traffic(1000, { slow: 49 })).verdict, "failed");
  });

  it("says nothing of too few requests, on either side", () => {
    assert.deepEqual(verdict(traffic(49), traffic(1000)), {
      verdict: "inconclusive",
      reasons: ["49 requests of the 50 that an analysis needs"],
    });
    assert.deepEqual(verdict(traffic(50), traffic(49)), {
      verdict: "inconclusive",
      reasons: ["the stable version had 49 requests of the 50 that a comparison needs"],
    });
  });

  it("counts errors alone where there is nothing to compare with", () => {
    assert.equal(verdict(traffic(50, { slow: 50 }), undefined).verdict, "passed");
    assert.equal(verdict(traffic(50, { errors: 5 }), undefined).verdict, "failed");
  });

  it("never passes a version that has more errors than allowed, and never fails one without any for them", () => {
    const count = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(count, count, count, (requests, errors, resent) => {
        const target = traffic(requests, { errors: Math.min(errors, requests) });
        const all = Math.min(errors, requests) + resent;
        const answer = verdict(target, undefined, resent).verdict;
        if (all > requests * 0.01) assert.notEqual(answer, "passed");
        if (all === 0) assert.notEqual(answer, "failed");
      }),
    );
  });

  it("is told in one line", () => {
    const target = { requests: 312, errors: 0, p95Milliseconds: 12 };
    assert.equal(
      describeTraffic(target, { requests: 900, errors: 1, p95Milliseconds: 11 }),
      "312 requests, 0 errors, p95 12 ms (stable 11 ms)",
    );
    assert.equal(describeTraffic({ requests: 1, errors: 1 }, undefined), "1 request, 1 error");
  });
});
