import assert from "node:assert/strict";
import { requireStamp as rule } from "../../../../policy/rules/release/require-stamp";
import { stampOf } from "../../../../policy/stamp";
import { container, release } from "../../compliant";
import { judge, notApplicable, remediate, unknown } from "../../support";

describe("release-require-stamp", () => {
  it("stamps a release with a digest of all its inputs, which then passes", async () => {
    const stamped = await remediate(rule, release());
    assert.deepEqual(stamped, { ...release().props, stamp: stampOf(release().props) });
    assert.deepEqual(await judge(rule, release(stamped)), []);
    assert.deepEqual(await remediate(rule, release(stamped)), stamped);
    assert.equal(await judge(rule, container()), notApplicable);
  });

  it("is the same for the same inputs in another order, with null for what is not set", () => {
    const { service, ...rest } = release().props;
    assert.equal(stampOf({ ...rest, service, previousVersion: null }), stampOf(release().props));
    assert.notEqual(stampOf({ ...rest, service: `${String(service)}2` }), stampOf(release().props));
  });

  it("finds a release without a stamp, or with one of other inputs", async () => {
    const end =
      "Update through the gates: npm run up, or pulumi up --policy-pack policy. Allowed: this rule at the level remediate.";
    assert.deepEqual(await judge(rule, release()), [
      `Release "sample-release": No policy pack has judged this release, so it is not made, nor anything after it. ${end}`,
    ]);
    assert.deepEqual(await judge(rule, release({ evidence: ["{}"], stamp: stampOf(release().props) })), [
      `Release "sample-release": This release is not the one that the policy pack has judged: its stamp is of other inputs. ${end}`,
    ]);
  });

  it("stamps nothing that is not wholly known", async () => {
    const half = release({ images: { sample: unknown } });
    assert.equal(await remediate(rule, half), undefined);
    assert.match(
      String((await judge(rule, half)).at(-1)),
      /^"sample-release" does not know images\.sample before the update\./,
    );
  });
});
