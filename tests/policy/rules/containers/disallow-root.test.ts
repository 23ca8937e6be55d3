import assert from "node:assert/strict";
import { disallowRoot as rule } from "../../../../policy/rules/containers/disallow-root";
import { container, release } from "../../compliant";
import { judge, notApplicable, unknown } from "../../support";

const refused = (user: string) =>
  `Container "backbone-redis" may run as root (user: ${user}). Allowed: another user, by number or name. Set user, or name the container in rootAllowed of this rule.`;

describe("containers-disallow-root", () => {
  it("lets a container with a user of its own pass, and is silent about other types", async () => {
    for (const user of ["redis", "1000", "1000:1000", "rooted"])
      assert.deepEqual(await judge(rule, container({ user })), [], user);
    assert.equal(await judge(rule, release()), notApplicable);
  });

  it("refuses root by name, number and default", async () => {
    assert.deepEqual(await judge(rule, container({ user: undefined })), [refused("none")]);
    for (const user of ["root", "0", "0:1000"])
      assert.deepEqual(await judge(rule, container({ user })), [refused(user)]);
  });

  it("takes exceptions from its configuration", async () => {
    const config = { rootAllowed: ["backbone-redis"] };
    assert.deepEqual(await judge(rule, container({ user: "root" }), { config }), []);
  });

  it("waits for a user that only the update will know", async () => {
    assert.deepEqual(await judge(rule, container({ user: unknown })), []);
  });
});
