import assert from "node:assert/strict";
import { requireLimits as rule } from "../../../../policy/rules/containers/require-limits";
import { container, release } from "../../compliant";
import { judge, notApplicable, unknown } from "../../support";

const subject = 'Container "backbone-redis"';
const processes = `${subject} has no limit on processes. Allowed: an ulimit "nproc" with a hard limit of at least 1. Add {name: "nproc", soft: 256, hard: 256} to ulimits.`;
const restarts = (policy: string, allowed = "always, unless-stopped, on-failure") =>
  `${subject} has the restart policy ${policy}, so a crash ends it. Allowed: ${allowed}. Set restart: "unless-stopped", or mustRun: false where the container does its work and ends.`;

describe("containers-require-limits", () => {
  it("lets a limited container pass, and is silent about other types", async () => {
    assert.deepEqual(await judge(rule, container()), []);
    assert.equal(await judge(rule, release()), notApplicable);
  });

  it("refuses a container without limits, one message each", async () => {
    const unlimited = { memory: undefined, memorySwap: undefined, ulimits: undefined, restart: undefined };
    assert.deepEqual(await judge(rule, container(unlimited)), [
      `${subject} has no memory limit. Allowed: memory of at least 1 MiB. Set memory, and memorySwap to the same.`,
      processes,
      restarts("(none)"),
    ]);
  });

  it("refuses swap beyond the memory limit", async () => {
    assert.deepEqual(await judge(rule, container({ memorySwap: undefined })), [
      `${subject} may swap as much again as its memory (memorySwap is not set). Allowed: a limit in MiB. Set memorySwap to the same as memory.`,
    ]);
    assert.deepEqual(await judge(rule, container({ memorySwap: -1 })), [
      `${subject} may swap without limit (memorySwap: -1). Allowed: a limit in MiB. Set memorySwap to the same as memory.`,
    ]);
  });

  it("refuses a process limit that limits nothing", async () => {
    for (const ulimits of [
      [],
      [{ name: "nofile", soft: 1, hard: 1 }],
      [{ name: "nproc", hard: -1 }],
      "nproc",
    ]) {
      assert.deepEqual(await judge(rule, container({ ulimits })), [processes]);
    }
  });

  it("asks no restart of a container that does its work and ends", async () => {
    assert.deepEqual(await judge(rule, container({ restart: "no", mustRun: false })), []);
    assert.deepEqual(await judge(rule, container({ restart: "no" })), [restarts('"no"')]);
  });

  it("takes the allowed restart policies from its configuration", async () => {
    const config = { restartPolicies: ["always"] };
    assert.deepEqual(await judge(rule, container(), { config }), [restarts('"unless-stopped"', "always")]);
  });

  it("waits with what only the update will know, and still judges the rest", async () => {
    assert.deepEqual(
      await judge(rule, container({ memory: unknown, memorySwap: unknown, ulimits: unknown, restart: "no" })),
      [restarts('"no"')],
    );
    assert.deepEqual(await judge(rule, container({ ulimits: [{ name: "nproc", hard: unknown }] })), []);
  });
});
