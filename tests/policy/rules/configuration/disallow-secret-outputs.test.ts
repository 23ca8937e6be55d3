import assert from "node:assert/strict";
import { disallowSecretOutputs as rule } from "../../../../policy/rules/configuration/disallow-secret-outputs";
import { judgeStack, unknown } from "../../support";

const stack = (props: Record<string, unknown>) => ({
  type: "pulumi:pulumi:Stack",
  name: "slipway-local",
  props,
});
const refused = (what: string) => [
  "slipway-local",
  `Output ${what}. Allowed: no secret. Export where it is kept, not what it is.`,
];

describe("configuration-disallow-secret-outputs", () => {
  it("lets addresses, versions, references and what is not known pass", async () => {
    const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db";
    const outputs = {
      url: "https://example.com",
      live: "1.4.0",
      passwordArn: arn,
      dbPassword: arn,
      token: unknown,
    };
    assert.deepEqual(await judgeStack(rule, [stack(outputs)]), []);
  });

  it("refuses secrets by name and by format, at any depth, and shows none", async () => {
    const outputs = { dbPassword: "hunter2", deploy: { with: `ghp_${"a1B2".repeat(9)}` } };
    assert.deepEqual(await judgeStack(rule, [stack(outputs)]), [
      refused('"dbPassword" holds a value for dbPassword'),
      refused('"deploy" holds a GitHub token'),
    ]);
  });
});
