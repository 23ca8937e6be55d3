import assert from "node:assert/strict";
import type { StepReport } from "../../../provider/history/entry";
import type { Limits } from "../../../provider/rollout/limits";
import { runRollout } from "../../../provider/rollout/run";
import { analysisSchema, type Strategy } from "../../../provider/schema/strategy";
import { contextOf } from "../support/fake-gateway";
import { gatewayAtOne, rolloutInputs } from "../support/rollout";
import { eventually } from "../support/rig";

const limits: Limits = {
  tickMs: 2,
  tellMs: 0,
  gateMs: 200,
  graceMs: 50,
  gatewayMs: 300,
  settleMs: 1,
  restoreMs: 500,
};
const analysis = { ...analysisSchema.parse({}), minRequests: 10, pauseSeconds: 0.2 };
const canary = (bakeSeconds = 0.05): Strategy => ({
  ...{ kind: "canary", steps: [50, 100], bakeSeconds, sticky: false, analysis },
});
const blueGreen = (bakeSeconds = 0.05, pauseSeconds = 0.2): Strategy => ({
  ...{ kind: "blue-green", bakeSeconds, analysis: { ...analysis, pauseSeconds } },
});

/** A rollout to 2.0.0 that runs, and what is said and done meanwhile. */
function rollOut(
  strategy: Strategy,
  prepare: (gateway: ReturnType<typeof gatewayAtOne>) => void = () => undefined,
) {
  const gateway = gatewayAtOne();
  prepare(gateway);
  const context = contextOf(gateway);
  const ended = runRollout(rolloutInputs("2.0.0", strategy), undefined, context, limits);
  const outcome = ended.then(
    ({ steps }) => ({ steps, message: "passed" }),
    (error: Error) => ({
      steps: context.recorded[0]?.steps ?? [],
      message: error.message.split("\nAll traffic")[0] ?? "",
    }),
  );
  const baking = (weight: number) =>
    eventually("it bakes", async () => context.said.some((line) => line.includes(`${weight} %: 0 requests`)));
  return { gateway, context, outcome, baking };
}
const verdicts = (steps: readonly StepReport[]) =>
  steps.map(({ weightPercent, verdict }) => `${weightPercent} ${verdict}`);

describe("a bake", () => {
  it("compares with the stable version's requests of the same window, and at 100 % of the one before", async () => {
    const { gateway, outcome, baking } = rollOut(canary());
    await baking(50);
    gateway.answer("sample-1.0.0", 20, 12);
    gateway.answer("sample-2.0.0", 15, 11);
    gateway.answer("other-1.0.0", 99);
    await baking(100);
    gateway.answer("sample-2.0.0", 30, 13);
    const { steps } = await outcome;
    const stable = { requests: 20, errors: 0, p95Milliseconds: 12 };
    assert.deepEqual(
      steps.map(({ target, stable }) => ({ target, stable })),
      [
        { target: { requests: 15, errors: 0, p95Milliseconds: 11 }, stable },
        { target: { requests: 30, errors: 0, p95Milliseconds: 13 }, stable },
      ],
    );
  });

  it("takes the time before the shift to compare with where all traffic moves at once", async () => {
    const { gateway, outcome, baking } = rollOut(blueGreen(), (gateway) =>
      gateway.answer("sample-1.0.0", 20, 5),
    );
    await baking(100);
    gateway.answer("sample-2.0.0", 20, 500);
    const { message, steps } = await outcome;
    assert.match(message, /failed at blue-green 100 %: p95 latency 500 ms, the stable version's 5 ms/);
    assert.deepEqual(verdicts(steps), ["100 failed"]);
  });

  it("ends at once when there are too many errors", async () => {
    const { gateway, outcome, baking } = rollOut(canary(60));
    await baking(50);
    gateway.answer("sample-2.0.0", 5, 10, 500);
    assert.match(
      (await outcome).message,
      /failed at canary 50 %: 5 of 5 requests failed or had to be sent again \(100 %; allowed: 1 %\)/,
    );
  });

  it("counts requests that were sent again as errors, over a restart of the counters", async () => {
    const { gateway, context, outcome, baking } = rollOut(canary(60), ({ resent }) =>
      resent.set("sample-2.0.0/s1", 7),
    );
    await baking(50);
    gateway.answer("sample-2.0.0", 100);
    gateway.resent.set("sample-2.0.0/s1", 8);
    await eventually("it is counted", async () =>
      context.said.some((line) => line.includes("100 requests, 1 error,")),
    );
    gateway.resent.set("sample-2.0.0/s1", 9 - 3);
    assert.match(
      (await outcome).message,
      /: 7 of 100 requests failed or had to be sent again \(7 %; allowed: 1 %\)/,
    );
  });

  it("waits for requests as long as it may, saying so, and then gives up", async () => {
    const { context, outcome } = rollOut(blueGreen(0.01));
    const { message, steps } = await outcome;
    assert.match(message, /failed at blue-green 100 %: 0 requests of the 10 that an analysis needs\./);
    assert.deepEqual(verdicts(steps), ["100 inconclusive"]);
    assert.match(
      context.said.join("\n"),
      /: 0 requests, 0 errors, inconclusive so far: 0 requests of the 10 that an analysis needs; waiting up to 0\.2 s for more\n/,
    );
  });

  it("passes as soon as the requests that it waited for are there", async () => {
    const { gateway, context, outcome } = rollOut(blueGreen(0, 60));
    await eventually("it waits", async () => context.said.some((line) => line.includes("inconclusive")));
    gateway.answer("sample-2.0.0", 10);
    assert.deepEqual(verdicts((await outcome).steps), ["100 passed"]);
  });

  it("fails at once when a server of the target goes down, with what its container says", async () => {
    const { gateway, outcome, baking } = rollOut(canary(60));
    await baking(50);
    gateway.down.add("sample-2.0.0/s2");
    assert.equal(
      (await outcome).message,
      "The rollout of sample 2.0.0 failed at canary 50 %: a server of sample-2.0.0 is not healthy (s2 is DOWN).\n" +
        "Container sample-2.0.0-s2: running. It logged nothing.\n" +
        `It had 0 requests, 0 errors in ${(await outcome).steps[0]?.seconds} s.`,
    );
  });

  describe("whose gateway is gone", () => {
    const gone = (gateway: ReturnType<typeof gatewayAtOne>) => {
      gateway.before = (call) => {
        if (/^(servers|readMaps|locked)$/.test(call)) throw new Error("Container g is not running.");
      };
      gateway.endLog();
    };
    const back = (gateway: ReturnType<typeof gatewayAtOne>) => (gateway.before = () => undefined);

    it("goes on when it comes back as it was, its log too", async () => {
      const { gateway, context, outcome, baking } = rollOut(blueGreen(0.05, 60));
      await baking(100);
      gateway.answer("sample-2.0.0", 5);
      gone(gateway);
      await eventually("it waits", async () => context.said.some((line) => line.includes("does not answer")));
      gateway.answer("sample-2.0.0", 12);
      back(gateway);
      assert.equal((await outcome).steps[0]?.target.requests, 17);
    });

    it("fails when it comes back with another route", async () => {
      const { gateway, context, outcome, baking } = rollOut(blueGreen());
      await baking(100);
      gone(gateway);
      await eventually("it waits", async () => context.said.some((line) => line.includes("does not answer")));
      gateway.routes.set("sample", "1.0.0|-|0");
      back(gateway);
      assert.match(
        (await outcome).message,
        /: the gateway came back with the route 1\.0\.0\|-\|0 in place of 1\.0\.0\|2\.0\.0\|100\./,
      );
    });

    it("fails when it does not come back", async () => {
      const { gateway, outcome, baking } = rollOut(blueGreen());
      await baking(100);
      gone(gateway);
      assert.match(
        (await outcome).message,
        /: the gateway did not answer for 0\.3 s \(Container g is not running\.\)\.\nGiving all traffic back to 1\.0\.0 failed too: /,
      );
    });
  });
});
