import assert from "node:assert/strict";
import { requireLimits } from "../../../../policy/rules/containers/require-limits";
import { listNotEvaluated as rule } from "../../../../policy/rules/pack/list-not-evaluated";
import { takeNotEvaluated } from "../../../../policy/not-evaluated";
import { container } from "../../compliant";
import { judge, judgeStack, unknown } from "../../support";

describe("pack-list-not-evaluated", () => {
  beforeEach(() => void takeNotEvaluated());

  it("is silent when everything was known", async () => {
    assert.deepEqual(await judge(requireLimits, container()), []);
    assert.deepEqual(await judgeStack(rule, [container()]), []);
  });

  it("tells once, in one message, every value that a rule read and could not know", async () => {
    const other = { ...container({ ulimits: [{ name: "nproc", hard: unknown }] }), name: "a" };
    assert.deepEqual(await judge(requireLimits, container({ memory: unknown, restart: unknown })), []);
    assert.deepEqual(await judge(requireLimits, other), []);
    assert.deepEqual(await judgeStack(rule, []), [
      [
        "",
        '2 to judge in the update:\n  containers-require-limits: "a" ulimits[0].hard\n  containers-require-limits: "backbone-redis" memory, restart',
      ],
    ]);
    assert.deepEqual(await judgeStack(rule, []), []);
  });
});
