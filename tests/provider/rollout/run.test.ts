import assert from "node:assert/strict";
import fc from "fast-check";
import type { Limits } from "../../../provider/rollout/limits";
import { runRollout } from "../../../provider/rollout/run";
import { type Analysis, type Strategy, analysisSchema } from "../../../provider/schema/strategy";
import { contextOf } from "../support/fake-gateway";
import { gatewayAtOne, rolloutInputs as inputs, rolloutState as state, routesOf } from "../support/rollout";

/** Impatient, so that no test waits. */
const limits: Limits = {
  tickMs: 2,
  tellMs: 0,
  gateMs: 20,
  graceMs: 20,
  gatewayMs: 100,
  settleMs: 1,
  restoreMs: 700,
};
const settled = (version: string) => [`${version}|-|0`, `${version}|-|0`];
const bakes = (bakeSeconds = 0.02, analysis?: Analysis) => ({ bakeSeconds, ...(analysis && { analysis }) });
const blueGreen = (...more: Parameters<typeof bakes>): Strategy => ({
  kind: "blue-green",
  ...bakes(...more),
});
const canary = (steps: number[], ...more: Parameters<typeof bakes>): Strategy => ({
  ...{ kind: "canary", steps, sticky: false },
  ...bakes(...more),
});
const analysis = { ...analysisSchema.parse({}), minRequests: 10, pauseSeconds: 0 };

function world(signal?: AbortSignal) {
  const gateway = gatewayAtOne();
  const context = contextOf(gateway, signal);
  const to = (version: string, strategy?: Strategy, more: { rollback?: boolean; pathPrefix?: string } = {}) =>
    runRollout({ ...inputs(version, strategy), ...more }, state("1.0.0"), context, limits);
  const shifts = () =>
    gateway.calls.filter((call) => call.startsWith("setEntry sample")).map((call) => call.split(" ")[2]);
  return { gateway, context, to, shifts };
}

describe("a rollout", () => {
  it("shifts by one command, confirms, then persists", async () => {
    const { gateway, to } = world();
    const outputs = await to("2.0.0");
    assert.deepEqual(gateway.calls, [
      ...["readMaps", "servers", "servers", "locked"],
      ...["readMaps", "setEntry sample 2.0.0|-|0", "persistMaps"],
    ]);
    assert.deepEqual(routesOf(gateway), settled("2.0.0"));
    assert.ok(outputs.shiftMilliseconds > 0 && outputs.shiftedAt > "2026-01-02");
    assert.deepEqual(
      [outputs.live, outputs.previous, outputs.plan],
      ["2.0.0", "1.0.0", ["all traffic to 2.0.0"]],
    );
    assert.deepEqual(outputs.steps, [
      {
        ...{ weightPercent: 100, seconds: 0, verdict: "passed", target: { requests: 0, errors: 0 } },
        downtimeMilliseconds: 0,
      },
    ]);
  });

  it("tells how long the service did not answer in a direct release, and on no way back", async () => {
    const { gateway, context, to } = world();
    gateway.before = (call) => {
      if (call !== "setEntry") return;
      gateway.answer("sample-1.0.0", 1, 10, 503);
      // The log's time is the clock's: the next answer is later.
      for (const until = Date.now() + 20; Date.now() < until;);
      gateway.answer("sample-2.0.0", 1);
      gateway.before = () => undefined;
    };
    const { steps } = await to("2.0.0");
    const [{ downtimeMilliseconds = 0 } = {}] = steps;
    assert.ok(downtimeMilliseconds >= 19 && downtimeMilliseconds < 20_000, `${downtimeMilliseconds} ms`);
    assert.match(context.said.at(-1) ?? "", /^direct 100 %: downtime [\d.]+ s$/);
    const back = await to("1.0.0", undefined, { rollback: true });
    assert.equal(back.steps[0]?.downtimeMilliseconds, undefined);
  });

  it("gives the first version the traffic in one step, whatever the strategy", async () => {
    const { gateway, context, shifts } = world();
    gateway.routes.clear();
    const strategy = canary([5, 100], 60, analysis);
    const { live, previous, steps } = await runRollout(inputs("2.0.0", strategy), undefined, context, limits);
    assert.deepEqual([live, previous, steps.length, shifts()], ["2.0.0", null, 1, ["2.0.0|-|0"]]);
  });

  it("keeps its outputs when there is nothing to do, but for another path", async () => {
    const { gateway, to } = world();
    const { live, previous, shiftedAt, shiftMilliseconds, steps, plan } = state("1.0.0");
    const outputs = await to("1.0.0", undefined, { pathPrefix: "/new" });
    assert.deepEqual(outputs, { live, previous, shiftedAt, shiftMilliseconds, steps, plan });
    assert.deepEqual(
      [...gateway.paths, ...gateway.persisted.paths],
      [
        ["/new/", "sample"],
        ["/new/", "sample"],
      ],
    );
  });

  it("tells a shift that was made before and not recorded, without making it again", async () => {
    const { gateway, to, shifts } = world();
    gateway.routes.set("sample", "2.0.0|-|0");
    const { live, previous, shiftedAt, shiftMilliseconds, steps } = await to("2.0.0");
    assert.deepEqual([live, previous, shiftMilliseconds, steps, shifts()], ["2.0.0", "1.0.0", 0, [], []]);
    assert.ok(shiftedAt > "2026-01-02");
  });

  it("gives a canary its shares, the way back open until the last bake is over", async () => {
    const { gateway, context, to, shifts } = world();
    const { steps } = await to("2.0.0", canary([5, 50, 100]));
    assert.deepEqual(shifts(), ["1.0.0|2.0.0|5", "1.0.0|2.0.0|50", "1.0.0|2.0.0|100", "2.0.0|-|0"]);
    assert.deepEqual(
      steps.map(({ weightPercent, verdict }) => [weightPercent, verdict]),
      [
        [5, "passed"],
        [50, "passed"],
        [100, "passed"],
      ],
    );
    assert.deepEqual(routesOf(gateway), settled("2.0.0"));
    assert.match(
      context.said.join("\n"),
      /^canary 5 %: shifted in \d+ ms, 0.02 s of bake\ncanary 5 %: 0 requests, 0 errors, 0 of 0.02 s\n/,
    );
    assert.deepEqual(context.recorded, []);
  });

  it("goes back by one shift", async () => {
    const { gateway, to, shifts } = world();
    gateway.routes.set("sample", "3.0.0|-|0");
    const { previous } = await to("2.0.0", canary([5, 100], 60, analysis), { rollback: true });
    assert.deepEqual([shifts(), previous], [["2.0.0|-|0"], "3.0.0"]);
  });

  it("drains the replicas one by one, then wakes them", async () => {
    const { gateway, to } = world();
    await to("2.0.0", { kind: "rolling", bakeSeconds: 0 });
    assert.deepEqual(
      gateway.calls.filter((call) => /^set/.test(call)),
      [
        ...["setEntry sample 1.0.0|2.0.0|50", "setServerStates sample-1.0.0/s1 drain"],
        ...["setEntry sample 1.0.0|2.0.0|100", "setServerStates sample-1.0.0/s1,sample-1.0.0/s2 drain"],
        ...["setServerStates sample-1.0.0/s1,sample-1.0.0/s2 ready", "setEntry sample 2.0.0|-|0"],
      ],
    );
  });

  it("wakes servers that an earlier rollout left drained before they get traffic", async () => {
    const { gateway, to } = world();
    gateway.drained.add("sample-2.0.0/s1").add("sample-1.0.0/s2");
    await to("2.0.0", blueGreen());
    assert.deepEqual([...gateway.drained], []);
  });

  it("tells the journal of a candidate that a crash left, and takes its traffic back", async () => {
    for (const target of ["1.0.0", "3.0.0"]) {
      const { gateway, context, to } = world();
      gateway.routes.set("sample", "1.0.0|2.0.0|50");
      const { shiftedAt } = await to(target, blueGreen());
      assert.deepEqual(routesOf(gateway), settled(target));
      assert.deepEqual(
        context.recorded.map(({ action, version, from, fault }) => [action, version, from, fault]),
        [
          [
            "abort",
            "2.0.0",
            "1.0.0",
            "A run that ended in the middle left it at 50 %; its traffic was taken back.",
          ],
        ],
      );
      assert.equal(shiftedAt === state("1.0.0").shiftedAt, target === "1.0.0");
    }
  });
});

describe("a rollout that fails", () => {
  const failing = async (promise: Promise<unknown>): Promise<string> => {
    const error: unknown = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof Error);
    return error.message;
  };

  it("gives no traffic to a version that is not healthy", async () => {
    const { gateway, context, to, shifts } = world();
    gateway.down.add("sample-2.0.0/s1").add("sample-2.0.0/s2");
    assert.equal(
      await failing(to("2.0.0")),
      "sample-2.0.0 gets no traffic: no server of sample-2.0.0 is healthy (s1 is DOWN, s2 is DOWN). " +
        "What was live before is still live. Mend the version, then run again.",
    );
    gateway.down.delete("sample-2.0.0/s1");
    assert.match(
      await failing(to("2.0.0", blueGreen())),
      /: not every server of sample-2.0.0 is healthy \(s2 is DOWN\)/,
    );
    assert.deepEqual([shifts(), context.recorded], [[], []]);
    // On the way back, and where all traffic moves at once, one server is better than none.
    await to("2.0.0", blueGreen(), { rollback: true });
    assert.deepEqual(routesOf(gateway), settled("2.0.0"));
  });

  it("gives all traffic back from any step of any strategy, before it says so", async () => {
    const strategies: Strategy[] = [
      ...[{ kind: "direct" } as const, blueGreen(0.01), canary([5, 25, 50, 100], 0.01)],
      { kind: "rolling", bakeSeconds: 0.01 },
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...strategies),
        fc.integer({ min: 1, max: 60 }),
        async (strategy, nth) => {
          const { gateway, context, to } = world();
          let calls = 0;
          gateway.before = (call) => {
            if (/^(set|persist|servers)/.test(call) && ++calls === nth) throw new Error("No.");
          };
          const message = await to("2.0.0", strategy).then(
            () => undefined,
            (error: Error) => error.message,
          );
          const changed = gateway.calls.some((call) => call.startsWith("setEntry"));
          assert.deepEqual(routesOf(gateway), settled(message === undefined ? "2.0.0" : "1.0.0"));
          assert.deepEqual([...gateway.drained], []);
          if (message === undefined) return;
          assert.equal(context.recorded.length, changed ? 1 : 0);
          if (changed)
            assert.match(message, /\nAll traffic is back on 1\.0\.0, which goes on serving\.\nNext: /);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("lets drained replicas take requests again before it sends them any", async () => {
    const { gateway, to } = world();
    gateway.before = () => void (gateway.drained.size > 0 && gateway.down.add("sample-2.0.0/s1"));
    await failing(to("2.0.0", { kind: "rolling", bakeSeconds: 60 }));
    assert.deepEqual(
      gateway.calls.filter((call) => /^set/.test(call)),
      [
        ...["setEntry sample 1.0.0|2.0.0|50", "setServerStates sample-1.0.0/s1 drain"],
        ...["setServerStates sample-1.0.0/s1 ready", "setEntry sample 1.0.0|-|0"],
      ],
    );
  });

  it("says what happened, and what to do", async () => {
    const { gateway, context, to } = world();
    gateway.before = (call) => {
      if (call === "persistMaps" && gateway.routes.get("sample") === "1.0.0|2.0.0|100")
        throw new Error("The volume is full.");
    };
    const message = await failing(to("2.0.0", canary([50, 100])));
    assert.equal(
      message,
      "The rollout of sample 2.0.0 failed at canary 100 %: The volume is full.\n" +
        "All traffic is back on 1.0.0, which goes on serving.\n" +
        "Next: mend 2.0.0 (docker logs of its containers tell more) and release it as a new version; running again tries this " +
        "one once more.",
    );
    const [{ action, version, from, strategy, fault, steps } = assert.fail()] = context.recorded;
    assert.deepEqual(
      [action, version, from, strategy, steps.length],
      ["abort", "2.0.0", "1.0.0", "canary", 1],
    );
    assert.equal(fault, "The rollout of sample 2.0.0 failed at canary 100 %: The volume is full.");
  });

  it("says so when the traffic cannot be given back, or the journal not be written", async () => {
    const { gateway, context, to } = world();
    gateway.before = (call) => {
      if (call === "persistMaps") throw new Error("The volume is full.");
    };
    assert.match(
      await failing(to("2.0.0")),
      /\nGiving all traffic back to 1\.0\.0 failed too: The volume is full\.\nNext: see that the gateway runs \(docker start g\)/,
    );
    gateway.before = () => undefined;
    gateway.routes.set("sample", "1.0.0|-|0");
    context.record = () => Promise.reject(new Error("No space left."));
    gateway.down.add("sample-2.0.0/s2");
    const strategy = blueGreen(60);
    gateway.before = (call) => void (call === "persistMaps" && gateway.down.add("sample-2.0.0/s1"));
    gateway.down.clear();
    assert.match(
      await failing(to("2.0.0", strategy)),
      /\nThe journal does not tell of this: No space left\.$/,
    );
  });

  it("keeps the old route when the gateway does not take the new one", async () => {
    const { gateway, to } = world();
    const setEntry = gateway.setEntry.bind(gateway);
    gateway.setEntry = async (map, key, value) =>
      value === "2.0.0|-|0" ? new Map([["sample", "1.0.0|-|0"]]) : setEntry(map, key, value);
    assert.match(
      await failing(to("2.0.0")),
      /: The gateway did not take routes sample = 2\.0\.0\|-\|0: it says 1\.0\.0\|-\|0\.\n/,
    );
    assert.deepEqual(routesOf(gateway), settled("1.0.0"));
  });

  it("leaves no route behind when there was none before", async () => {
    const { gateway, context } = world();
    gateway.routes.clear();
    gateway.before = (call) => {
      if (call === "persistMaps" && gateway.routes.size > 0) throw new Error("The volume is full.");
    };
    const message = await failing(runRollout(inputs("2.0.0"), undefined, context, limits));
    assert.match(message, /\nNo version was live before, so none is now\.\n/);
    assert.deepEqual(routesOf(gateway), [undefined, undefined]);
  });

  it("notices at the next step that somebody else moved the traffic", async () => {
    const { gateway, to } = world();
    let servers = 0;
    gateway.before = (call) => {
      if (call === "servers" && ++servers === 5) gateway.routes.set("sample", "3.0.0|-|0");
    };
    assert.match(
      await failing(to("2.0.0", canary([50, 100]))),
      /Somebody else changed the route of sample: it was 1\.0\.0\|2\.0\.0\|50, and is 3\.0\.0\|-\|0 now\./,
    );
  });

  describe("because it is cancelled", () => {
    it("puts the route back, path included, when that comes in the middle of a shift", async () => {
      const cancel = new AbortController();
      const { gateway, to } = world(cancel.signal);
      gateway.before = (call) => {
        if (call === "setEntry") cancel.abort(new Error("Cancelled."));
      };
      const message = await failing(to("2.0.0", undefined, { pathPrefix: "/new" }));
      assert.match(message, /^The rollout of sample 2\.0\.0 was broken off at direct 100 %: Cancelled\.\n/);
      assert.match(message, /\nNext: run again to begin anew\.$/);
      assert.deepEqual(routesOf(gateway), settled("1.0.0"));
      assert.deepEqual([...gateway.paths], [["/", "sample"]]);
    });

    it("puts the route back in the middle of a bake, and records it as cancelled", async () => {
      const cancel = new AbortController();
      const { gateway, context, to } = world(cancel.signal);
      setTimeout(() => cancel.abort(new Error("Cancelled.")), 20);
      await failing(to("2.0.0", canary([50, 100], 60)));
      assert.deepEqual(routesOf(gateway), settled("1.0.0"));
      assert.deepEqual(
        context.recorded[0]?.steps.map(({ verdict }) => verdict),
        ["cancelled"],
      );
    });

    it("touches nothing when that was before the first shift", async () => {
      const { gateway, context, to, shifts } = world(AbortSignal.abort(new Error("Cancelled.")));
      assert.equal(await failing(to("2.0.0")), "Cancelled.");
      assert.deepEqual([shifts(), context.recorded, routesOf(gateway)], [[], [], settled("1.0.0")]);
    });
  });
});
