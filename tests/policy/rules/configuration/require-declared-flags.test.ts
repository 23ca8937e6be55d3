import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { requireDeclaredFlags as rule } from "../../../../policy/rules/configuration/require-declared-flags";
import { container } from "../../compliant";
import { ecsContainer, itJudges } from "../../infrastructure";
import { judge } from "../../support";

const withEnvironment = (name: string, value: string) => ({
  containerDefinitions: JSON.stringify([ecsContainer({ environment: [{ name, value }] })]),
});
const mend = "by a name of letters and digits. Declare it in the stack's file.";

describe("configuration-require-declared-flags", () => {
  itJudges(rule, [
    [
      aws.taskDefinition,
      withEnvironment("FEATURE_FLAGS", '{"newCheckout":"maybe"}'),
      `TaskDefinition "sample-task" is given newCheckout in FEATURE_FLAGS, which says neither. Allowed: true or false, ${mend}`,
    ],
    [
      aws.taskDefinition,
      withEnvironment("TOGGLES", '{"payments":"sometimes"}'),
      `TaskDefinition "sample-task" is given payments in TOGGLES, which says neither. Allowed: "live" or "mock", ${mend}`,
    ],
    [
      aws.taskDefinition,
      withEnvironment("FEATURE_FLAGS", "all"),
      'TaskDefinition "sample-task" is given FEATURE_FLAGS that are no JSON object. Allowed: an object. Write it with JSON.stringify.',
    ],
  ]);

  it("judges containers of Docker alike", async () => {
    assert.deepEqual(await judge(rule, container({ envs: ['FEATURE_FLAGS={"a":true}', "TOGGLES={}"] })), []);
    assert.deepEqual(await judge(rule, container({ envs: ['TOGGLES={"Two words":"live"}'] })), [
      `Container "backbone-redis" is given a name that is none in TOGGLES, which says neither. Allowed: "live" or "mock", ${mend}`,
    ]);
  });
});
