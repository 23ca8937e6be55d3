import assert from "node:assert/strict";
import { requireRelease as rule } from "../../../../policy/rules/release/require-release";
import { container, release } from "../../compliant";
import { judgeStack } from "../../support";

const stack = { type: "pulumi:pulumi:Stack", name: "slipway-local", props: {} };

describe("release-require-release", () => {
  it("lets a stack with a release pass, and one that makes nothing", async () => {
    assert.deepEqual(await judgeStack(rule, [stack, release(), container()]), []);
    assert.deepEqual(await judgeStack(rule, [stack, { ...stack, type: "pulumi:providers:docker" }]), []);
  });

  it("finds a stack that makes something without a release", async () => {
    assert.deepEqual(await judgeStack(rule, [stack, container()]), [
      [
        "",
        "The stack has 1 resources and no Release, so no gate was asked. Allowed: with one. Declare it first.",
      ],
    ]);
  });
});
