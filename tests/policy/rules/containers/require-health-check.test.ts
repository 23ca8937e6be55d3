import assert from "node:assert/strict";
import { requireHealthCheck as rule } from "../../../../policy/rules/containers/require-health-check";
import { container, release } from "../../compliant";
import { judge, notApplicable, unknown } from "../../support";

const none =
  'Container "backbone-redis" has no health check. Allowed: healthcheck.tests of ["CMD", …] or ["CMD-SHELL", …]. Add one, or mustRun: false where the container does its work and ends.';

describe("containers-require-health-check", () => {
  it("lets a container with a health check pass, and is silent about other types", async () => {
    assert.deepEqual(await judge(rule, container()), []);
    assert.equal(await judge(rule, release()), notApplicable);
  });

  it("refuses a missing, empty or commandless health check", async () => {
    for (const healthcheck of [
      undefined,
      null,
      {},
      { tests: [] },
      { tests: ["CMD"] },
      { tests: "CMD true" },
    ]) {
      assert.deepEqual(await judge(rule, container({ healthcheck })), [none]);
    }
  });

  it("refuses one that is switched off", async () => {
    assert.deepEqual(await judge(rule, container({ healthcheck: { tests: ["NONE"] } })), [
      'Container "backbone-redis" has its health check switched off (tests: ["NONE"]). Allowed: ["CMD", …] or ["CMD-SHELL", …]. Give it a command.',
    ]);
  });

  it("asks none of a container that does its work and ends, and all of one that is started again", async () => {
    const oneShot = { healthcheck: undefined, mustRun: false, restart: "no" };
    assert.deepEqual(await judge(rule, container(oneShot)), []);
    assert.deepEqual(await judge(rule, container({ ...oneShot, restart: unknown })), []);
    assert.deepEqual(await judge(rule, container({ ...oneShot, restart: "always" })), [none]);
  });

  it("waits with what only the update will know", async () => {
    for (const healthcheck of [
      unknown,
      { tests: unknown },
      { tests: [unknown] },
      { tests: ["CMD", unknown] },
    ]) {
      assert.deepEqual(await judge(rule, container({ healthcheck })), []);
    }
  });
});
