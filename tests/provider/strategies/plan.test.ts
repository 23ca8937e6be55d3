import assert from "node:assert/strict";
import fc from "fast-check";
import { type Route, shareOf } from "../../../provider/gateway/maps";
import { strategySchema } from "../../../provider/schema/strategy";
import { foresee, plan } from "../../../provider/strategies/plan";
import type { Step, Target } from "../../../provider/strategies/step";
import { describeStep } from "../../../provider/strategies/step";

const canary = strategySchema.parse({ kind: "canary" });
const rolling = strategySchema.parse({ kind: "rolling" });

const anyVersion = fc.constantFrom("1.0.0", "2.0.0", "3.0.0");
const anyWeights = fc
  .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 5 })
  .map((weights) => [...weights.sort((a, b) => a - b), 100]);
const anyStrategy = fc.oneof(
  fc.constantFrom("direct", "blue-green", "rolling").map((kind) => strategySchema.parse({ kind })),
  fc
    .record({ steps: anyWeights, sticky: fc.boolean() })
    .map((more) => strategySchema.parse({ kind: "canary", ...more, analysis: {} })),
);
const anyServers = fc
  .integer({ min: 0, max: 5 })
  .map((count) => Array.from({ length: count }, (_, i) => `s${i + 1}`));
const anyTarget: fc.Arbitrary<Target> = fc.record({
  version: anyVersion,
  strategy: anyStrategy,
  rollback: fc.boolean(),
});
/** Any route that a rollout leaves, wherever it was broken off. */
const anyRoute: fc.Arbitrary<Route> = fc
  .record({ stable: anyVersion, candidate: anyVersion, weightPercent: fc.integer({ min: 0, max: 100 }) })
  .map(({ stable, candidate, weightPercent }) =>
    candidate === stable ? { stable, weightPercent: 0 } : { stable, candidate, weightPercent },
  );
const shares = (steps: readonly Step[], version: string) => steps.map(({ route }) => shareOf(route, version));

describe("a plan", () => {
  it("never takes traffic from the target, and gives it all in the end", () => {
    fc.assert(
      fc.property(anyRoute, anyServers, anyTarget, (route, servers, target) => {
        const steps = plan({ route, servers }, target);
        const weights = [shareOf(route, target.version), ...shares(steps, target.version)];
        assert.deepEqual(
          weights,
          weights.toSorted((a, b) => a - b),
        );
        assert.equal(weights.at(-1), 100);
      }),
    );
  });

  it("keeps the stable version for the way back until the last step, and gives no traffic to a third", () => {
    fc.assert(
      fc.property(anyRoute, anyServers, anyTarget, (route, servers, target) => {
        for (const step of plan({ route, servers }, target)) {
          const { stable, candidate } = step.route;
          if (candidate !== undefined) assert.deepEqual([stable, candidate], [route.stable, target.version]);
          else assert.ok(stable === route.stable || stable === target.version);
          for (const server of step.drained) assert.ok(servers.includes(server));
        }
      }),
    );
  });

  it("is one step for the first version, without anything to compare it with", () => {
    fc.assert(
      fc.property(anyTarget, (target) => {
        const route = { stable: target.version, weightPercent: 0 };
        assert.deepEqual(plan({ servers: [] }, target), [{ route, bakeSeconds: 0, drained: [] }]);
      }),
    );
  });

  it("is empty when the version is live", () => {
    fc.assert(
      fc.property(anyServers, anyTarget, (servers, target) => {
        const route = { stable: target.version, weightPercent: 0 };
        assert.deepEqual(plan({ route, servers }, target), []);
      }),
    );
  });

  it("is one shift for a rollback, whatever the strategy and wherever the traffic is", () => {
    fc.assert(
      fc.property(anyRoute, anyServers, anyTarget, (route, servers, target) => {
        fc.pre(shareOf(route, target.version) < 100 || route.stable !== target.version);
        const steps = plan({ route, servers }, { ...target, rollback: true });
        const settled = { stable: target.version, weightPercent: 0 };
        assert.deepEqual(steps, [{ route: settled, bakeSeconds: 0, drained: [] }]);
      }),
    );
  });

  describe("from a rollout of 1.0.0 to 2.0.0 that a crash left at 25 %", () => {
    const current = { route: { stable: "1.0.0", candidate: "2.0.0", weightPercent: 25 }, servers: ["s1"] };
    const to = (version: string) =>
      plan(current, { version, strategy: canary, rollback: false }).map(describeStep);

    it("goes on with that share", () => {
      assert.deepEqual(to("2.0.0"), [
        "25 % of the traffic to 2.0.0, 60 s of bake",
        "50 % of the traffic to 2.0.0, 60 s of bake",
        "100 % of the traffic to 2.0.0, 60 s of bake",
      ]);
    });

    it("goes back by one step", () => {
      assert.deepEqual(to("1.0.0"), ["all traffic to 1.0.0"]);
    });

    it("goes back before another version begins", () => {
      assert.deepEqual(to("3.0.0"), [
        "all traffic to 1.0.0",
        "5 % of the traffic to 3.0.0, 60 s of bake",
        "25 % of the traffic to 3.0.0, 60 s of bake",
        "50 % of the traffic to 3.0.0, 60 s of bake",
        "100 % of the traffic to 3.0.0, 60 s of bake",
      ]);
    });
  });

  it("of blue-green bakes all of the traffic, the way back open", () => {
    const strategy = strategySchema.parse({ kind: "blue-green", analysis: {} });
    const route = { stable: "1.0.0", weightPercent: 0 };
    assert.deepEqual(plan({ route, servers: [] }, { version: "2.0.0", strategy, rollback: false }), [
      {
        route: { stable: "1.0.0", candidate: "2.0.0", weightPercent: 100 },
        ...{ bakeSeconds: 30, analysis: strategy.kind === "blue-green" && strategy.analysis, drained: [] },
      },
    ]);
  });

  it("of a canary is sticky at every share, when asked for", () => {
    const strategy = strategySchema.parse({ kind: "canary", sticky: true });
    const route = { stable: "1.0.0", weightPercent: 0 };
    const steps = plan({ route, servers: [] }, { version: "2.0.0", strategy, rollback: false });
    assert.deepEqual(new Set(steps.map((step) => step.route.sticky)), new Set([true]));
  });

  it("of rolling moves one replica's share after the other, and drains it", () => {
    const current = { route: { stable: "1.0.0", weightPercent: 0 }, servers: ["s1", "s2", "s3"] };
    const steps = plan(current, { version: "2.0.0", strategy: rolling, rollback: false });
    assert.deepEqual(steps.map(describeStep), [
      "33 % of the traffic to 2.0.0, s1 of 1.0.0 drained",
      "67 % of the traffic to 2.0.0, s1, s2 of 1.0.0 drained",
      "100 % of the traffic to 2.0.0, s1, s2, s3 of 1.0.0 drained",
    ]);
  });

  it("is foreseen from what was live", () => {
    const target = { version: "2.0.0", strategy: rolling, rollback: false };
    assert.deepEqual(foresee("2.0.0", target), []);
    assert.deepEqual(foresee("1.0.0", target), [
      "the traffic of one replica of 1.0.0 after the other to 2.0.0",
    ]);
    assert.deepEqual(foresee("1.0.0", { ...target, rollback: true }), ["all traffic to 2.0.0"]);
  });
});
