import assert from "node:assert/strict";
import { requireKnownRollback as rule } from "../../../../policy/rules/release/require-known-rollback";
import { container } from "../../compliant";
import { productionRelease } from "../../gates";
import { judge, notApplicable, unknown } from "../../support";

describe("release-require-known-rollback", () => {
  it("lets a rollback to a released version pass, and every release that is none", async () => {
    assert.deepEqual(await judge(rule, productionRelease({ rollback: true, version: "1.3.0" })), []);
    assert.deepEqual(await judge(rule, productionRelease()), []);
    assert.equal(await judge(rule, container()), notApplicable);
  });

  it("finds a release that poses as a rollback to evade the gates", async () => {
    assert.deepEqual(await judge(rule, productionRelease({ rollback: true })), [
      'Release "sample-release" is a rollback to "1.4.0", which this stack has not released. Allowed: "1.3.0", "1.2.0". Roll back to one of them, or release it through the gates.',
    ]);
    assert.deepEqual(await judge(rule, productionRelease({ rollback: true, released: undefined })), [
      'Release "sample-release" is a rollback to "1.4.0", which this stack has not released. Allowed: none. Roll back to one of them, or release it through the gates.',
    ]);
  });

  it("is closed to what is not known", async () => {
    for (const property of ["rollback", "released", "version"]) {
      const messages = await judge(rule, productionRelease({ rollback: true, [property]: unknown }));
      assert.match(String(messages), new RegExp(`"sample-release" does not know ${property} before`));
    }
  });
});
