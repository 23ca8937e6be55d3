import assert from "node:assert/strict";
import { requireAlarms as rule } from "../../../../policy/rules/release/require-alarms";
import { container, release } from "../../compliant";
import { productionRelease } from "../../gates";
import { judgeStack } from "../../support";

const alarm = { type: "aws:cloudwatch/metricAlarm:MetricAlarm", name: "errors", props: {} };

describe("release-require-alarms", () => {
  it("lets a stack with an alarm pass, and one that nobody depends on", async () => {
    assert.deepEqual(await judgeStack(rule, [productionRelease(), alarm]), []);
    assert.deepEqual(await judgeStack(rule, [release(), container()]), []);
  });

  it("finds a production stack without alarms", async () => {
    assert.deepEqual(await judgeStack(rule, [productionRelease(), container()]), [
      [
        "",
        "The stack has no alarm, so nobody hears when it fails. Allowed: at least one. Declare the alarms (components/observability).",
      ],
    ]);
  });
});
