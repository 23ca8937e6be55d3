import assert from "node:assert/strict";
import { requireTags as rule } from "../../../../policy/rules/configuration/require-tags";
import { infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

const type = "pulumi:providers:aws";
const refused = (missing: string, all = "project, stack, service, managedBy") =>
  `AWS provider "aws" makes things without the tags ${missing}. Allowed: all of ${all}. Name them in defaultTags.`;

describe("configuration-require-tags", () => {
  itJudges(rule, [
    [type, { defaultTags: undefined }, refused("project, stack, service, managedBy")],
    [
      type,
      { defaultTags: { tags: { project: "slipway", stack: "" } } },
      refused("stack, service, managedBy"),
    ],
    [type, { defaultTags: "{" }, refused("project, stack, service, managedBy")],
  ]);

  it("takes the tags from its configuration", async () => {
    const config = { requiredTags: ["owner"] };
    assert.deepEqual(await judge(rule, infrastructure(type), { config }), [refused("owner", "owner")]);
  });
});
