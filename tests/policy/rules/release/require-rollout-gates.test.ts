import assert from "node:assert/strict";
import { requireRolloutGates as rule } from "../../../../policy/rules/release/require-rollout-gates";
import { container, release, rollout, smokeTest } from "../../compliant";
import { judgeStack, unknown, type StackResource, type TestResource } from "../../support";

const noRelease: [string, string] = [
  "sample",
  'Rollout "sample" moves the traffic of "sample" to "1.4.0" without its Release in the stack, so no evidence was asked for. Allowed: with one. Declare it first.',
];
const noTest: [string, string] = [
  "sample",
  'Rollout "sample" moves the traffic of "sample" to "1.4.0", and its smokeTest is not the id of a SmokeTest of that version in the stack. Allowed: such an id. Pass the resource\'s own id.',
];
const using = (test: TestResource, changes = {}): StackResource => ({
  ...rollout(changes),
  uses: { smokeTest: test },
});

describe("release-require-rollout-gates", () => {
  it("lets a rollout with its release and its smoke test pass", async () => {
    const test = smokeTest();
    assert.deepEqual(await judgeStack(rule, [release(), container(), test, using(test)]), []);
  });

  it("refuses a rollout without a release of that version", async () => {
    const test = smokeTest();
    for (const others of [[], [release({ version: "1.3.0" })], [release({ service: "other" })]]) {
      assert.deepEqual(await judgeStack(rule, [...others, test, using(test)]), [noRelease]);
    }
  });

  it("refuses a smoke test that is a text, another resource, or of another version", async () => {
    assert.deepEqual(await judgeStack(rule, [release(), smokeTest(), rollout()]), [noTest]);
    const other = container();
    assert.deepEqual(await judgeStack(rule, [release(), other, using(other)]), [noTest]);
    const earlier = smokeTest({ version: "1.3.0" });
    assert.deepEqual(await judgeStack(rule, [release(), earlier, using(earlier)]), [noTest]);
  });

  it("lets a version that only the update will know fit any, but still asks for both resources", async () => {
    const test = smokeTest({ version: unknown });
    assert.deepEqual(await judgeStack(rule, [release({ version: unknown }), test, using(test)]), []);
    const known = smokeTest();
    assert.deepEqual(await judgeStack(rule, [release(), known, using(known, { version: unknown })]), []);
    assert.deepEqual(await judgeStack(rule, [rollout({ version: unknown })]), [
      ["sample", noRelease[1].replace('"1.4.0"', "(not known yet)")],
      ["sample", noTest[1].replace('"1.4.0"', "(not known yet)")],
    ]);
  });

  it("has nothing to say about a stack that moves no traffic", async () => {
    assert.deepEqual(await judgeStack(rule, [container()]), []);
  });
});
