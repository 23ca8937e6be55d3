import assert from "node:assert/strict";
import * as fc from "fast-check";
import { planEcs } from "../../../components/deployments/ecs-plan";
import { type Strategy, strategySchema } from "../../../provider/schema/strategy";

const plan = (input: unknown, rollback = false) => planEcs(strategySchema.parse(input), rollback);

describe("planEcs", () => {
  it("lets direct stop the old tasks before it starts the new ones", () => {
    assert.deepEqual(plan({ kind: "direct" }), {
      deploymentConfiguration: { strategy: "ROLLING" },
      deploymentMinimumHealthyPercent: 0,
      deploymentMaximumPercent: 100,
      circuitBreaker: true,
      shiftsTraffic: false,
      bakeMinutes: 0,
    });
  });

  it("lets rolling keep all tasks while it replaces them", () => {
    const { deploymentMinimumHealthyPercent, deploymentMaximumPercent, circuitBreaker } = plan({
      kind: "rolling",
    });
    assert.deepEqual(
      [deploymentMinimumHealthyPercent, deploymentMaximumPercent, circuitBreaker],
      [100, 200, true],
    );
  });

  it("shifts blue-green at once, and keeps the old tasks for its bake", () => {
    assert.deepEqual(plan({ kind: "blue-green", bakeSeconds: 600 }), {
      deploymentConfiguration: { strategy: "BLUE_GREEN", bakeTimeInMinutes: "10" },
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      circuitBreaker: false,
      shiftsTraffic: true,
      bakeMinutes: 10,
    });
  });

  it("shifts canary steps of two as CANARY", () => {
    const { deploymentConfiguration, bakeMinutes } = plan({
      kind: "canary",
      steps: [5, 100],
      bakeSeconds: 300,
    });
    assert.deepEqual(deploymentConfiguration, {
      strategy: "CANARY",
      bakeTimeInMinutes: "5",
      canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: "5" },
    });
    assert.equal(bakeMinutes, 10);
  });

  it("shifts equal canary steps as LINEAR, the last of them maybe shorter", () => {
    for (const [steps, stepPercent] of [
      [[25, 50, 75, 100], 25],
      [[30, 60, 90, 100], 30],
    ] as const) {
      const { deploymentConfiguration, bakeMinutes } = plan({ kind: "canary", steps, bakeSeconds: 60 });
      assert.deepEqual(deploymentConfiguration, {
        strategy: "LINEAR",
        bakeTimeInMinutes: "1",
        linearConfiguration: { stepPercent, stepBakeTimeInMinutes: "1" },
      });
      assert.equal(bakeMinutes, 4);
    }
  });

  it("shifts a canary of one step at once", () => {
    const { deploymentConfiguration } = plan({ kind: "canary", steps: [100], bakeSeconds: 60 });
    assert.deepEqual(deploymentConfiguration, { strategy: "BLUE_GREEN", bakeTimeInMinutes: "1" });
  });

  it("goes back at once and without a bake", () => {
    for (const kind of ["blue-green", "canary"]) {
      const { deploymentConfiguration, bakeMinutes } = plan({ kind, bakeSeconds: 600 }, true);
      assert.deepEqual(deploymentConfiguration, { strategy: "BLUE_GREEN", bakeTimeInMinutes: "0" });
      assert.equal(bakeMinutes, 0);
    }
  });

  const faults: [string, unknown, RegExp][] = [
    [
      "steps that are neither two nor equal",
      { kind: "canary", steps: [5, 25, 50, 100] },
      /has the steps \[5,25,50,100\]; ECS shifts in two steps, such as \[5, 100\], or in equal ones of 3 to 100 percent, such as \[25, 50, 75, 100\]/,
    ],
    [
      "equal steps below what LINEAR allows",
      { kind: "canary", steps: Array.from({ length: 50 }, (_, index) => 2 * (index + 1)) },
      /equal ones of 3 to 100 percent/,
    ],
    ["a sticky canary", { kind: "canary", steps: [5, 100], sticky: true }, /Use sticky false/],
    [
      "a bake of half a minute",
      { kind: "blue-green", bakeSeconds: 30 },
      /bakeSeconds 30; ECS bakes for whole minutes\. Use a multiple of 60 from 0 to 86400/,
    ],
    ["a bake of rolling", { kind: "rolling", bakeSeconds: 60 }, /bakeSeconds 60; .*"blue-green" or "canary"/],
    [
      "an analysis",
      { kind: "blue-green", bakeSeconds: 60, analysis: {} },
      /"blue-green" has an analysis, which ECS does not do: it judges a version by CloudWatch alarms/,
    ],
  ];
  for (const [what, input, message] of faults) {
    it(`says what ECS can do instead of ${what}`, () => {
      assert.throws(() => plan(input), message);
    });
  }

  it("gives ECS nothing outside its limits, whatever the strategy", () => {
    const shares = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 6 });
    const strategies = fc.oneof(
      fc.constant({ kind: "direct" }),
      fc.record({ kind: fc.constant("rolling"), bakeSeconds: fc.constantFrom(0, 60) }),
      fc.record({ kind: fc.constant("blue-green"), bakeSeconds: fc.integer({ min: 0, max: 86_400 }) }),
      fc.record({
        kind: fc.constant("canary"),
        bakeSeconds: fc.integer({ min: 0, max: 1440 }).map((minutes) => minutes * 60),
        steps: fc.oneof(
          shares.map((list) => [...list.sort((a, b) => a - b), 100]),
          fc
            .integer({ min: 1, max: 60 })
            .map((step) =>
              Array.from({ length: Math.ceil(100 / step) }, (_, index) => Math.min(step * (index + 1), 100)),
            ),
        ),
      }),
    );
    const isMinutes = (text: string) => /^\d+$/.test(text) && Number(text) <= 1440;
    let planned = 0;
    fc.assert(
      fc.property(strategies, fc.boolean(), (input, rollback) => {
        const strategy: Strategy = strategySchema.parse(input);
        let result;
        try {
          result = planEcs(strategy, rollback);
        } catch (error) {
          // Every refusal names the strategy and what to use.
          assert.match(String(error), new RegExp(`The strategy "${strategy.kind}" .*Use .*\\.$`));
          return;
        }
        planned += 1;
        const { deploymentConfiguration: it } = result;
        assert.equal(it.strategy === "ROLLING", !result.shiftsTraffic);
        assert.equal(it.bakeTimeInMinutes === undefined, it.strategy === "ROLLING");
        assert.equal(it.canaryConfiguration !== undefined, it.strategy === "CANARY");
        assert.equal(it.linearConfiguration !== undefined, it.strategy === "LINEAR");
        assert.ok(isMinutes(it.bakeTimeInMinutes ?? "0"));
        if (it.canaryConfiguration) {
          assert.ok(isMinutes(it.canaryConfiguration.canaryBakeTimeInMinutes));
          assert.ok(
            it.canaryConfiguration.canaryPercent >= 0.1 && it.canaryConfiguration.canaryPercent < 100,
          );
        }
        if (it.linearConfiguration) {
          assert.ok(isMinutes(it.linearConfiguration.stepBakeTimeInMinutes));
          assert.ok(it.linearConfiguration.stepPercent >= 3 && it.linearConfiguration.stepPercent < 50);
        }
        assert.ok(result.deploymentMinimumHealthyPercent < result.deploymentMaximumPercent);
      }),
      { seed: 1, numRuns: 500 },
    );
    assert.ok(planned > 200, `${planned} of 500 could be planned`);
  });
});
