import assert from "node:assert/strict";
import { InitError } from "../../../../engine/deploy/context";
import type { Properties } from "../../../../engine/values";
import { docker, IMAGE, PREFIX, Stack, subjectOf, useImage } from "./support";
import type { Created } from "./support";

const SLEEP = ["sleep", "600"];
const HEALTHY: Properties = { tests: ["CMD", "true"], interval: "200ms", timeout: "5s", retries: 3 };

describe("engine/providers/docker: waiting for containers on Docker", () => {
  useImage();
  let stack: Stack;
  beforeEach(() => {
    stack = new Stack();
  });
  afterEach(() => stack.destroy());

  const container = (name: string, news: Properties): Promise<Created> =>
    stack.create("Container", name, { name: `${PREFIX}-${name}`, image: IMAGE, command: SLEEP, ...news });

  it("waits until a container is healthy", async () => {
    const { id } = await container("healthy", {
      command: ["sh", "-c", "sleep 0.5; touch /ready; sleep 600"],
      healthcheck: { ...HEALTHY, tests: ["CMD", "test", "-e", "/ready"], retries: 50 },
      wait: true,
    });
    const health = docker("inspect", "-f", "{{.State.Health.Status}}", id);
    assert.equal(health, "healthy");
  });

  async function failure(name: string, news: Properties): Promise<InitError> {
    try {
      await container(name, news);
    } catch (error) {
      assert.ok(error instanceof InitError, String(error));
      const { id, properties } = error;
      const subject = { ...subjectOf("Container", name), id };
      stack.adopt({ kind: "Container", id, subject, inputs: {}, outputs: properties });
      return error;
    }
    throw new Error("it did not fail");
  }

  it("keeps a container that is unhealthy, shows its log without secrets, and replaces it next", async () => {
    const news: Properties = {
      command: ["sh", "-c", "for i in $(seq 30); do echo line $i; done; echo with $PASSWORD; sleep 600"],
      envs: ["PASSWORD=hunter2secret"],
      healthcheck: { ...HEALTHY, tests: ["CMD-SHELL", "echo no $PASSWORD; exit 7"] },
      wait: true,
    };
    const error = await failure("unhealthy", news);
    const lines = error.message.split("\n");
    assert.equal(lines[0], `container "${PREFIX}-unhealthy" is unhealthy: running`);
    assert.equal(lines[1], "last health check: exit code 7 no [env PASSWORD]");
    assert.equal(lines[2], "last 20 lines of its log:");
    assert.deepEqual(lines.slice(3, 5), ["  line 12", "  line 13"]);
    assert.deepEqual(lines.slice(-2), [
      "  with [env PASSWORD]",
      "It is left as it is, and will be replaced by the next update.",
    ]);
    assert.deepEqual(error.reasons, [error.message]);
    assert.equal(docker("inspect", "-f", "{{.State.Running}}", error.id), "true");

    const { networkDatas, hostname, entrypoints } = error.properties;
    assert.deepEqual([networkDatas, hostname, entrypoints], [null, null, null]);
    const created = {
      kind: "Container" as const,
      id: error.id,
      subject: { ...subjectOf("Container", "unhealthy"), id: error.id },
      inputs: {},
      outputs: error.properties,
    };
    const again = { name: `${PREFIX}-unhealthy`, image: IMAGE, ...news };
    assert.deepEqual((await stack.diff(created, again)).replaces, ["networkDatas"]);
    await stack.refresh(created);
    assert.deepEqual((await stack.diff(created, again)).replaces, ["networkDatas"]);
  });

  it("does not wait for a container that has ended", async () => {
    const error = await failure("ended", {
      command: ["sh", "-c", "echo broken; exit 4"],
      healthcheck: { ...HEALTHY, interval: "30s" },
      wait: true,
    });
    assert.deepEqual(error.message.split("\n").slice(0, 3), [
      `container "${PREFIX}-ended" ended before it was healthy: exited, exit code 4`,
      "last 20 lines of its log:",
      "  broken",
    ]);
  });

  it("gives up a container that never says whether it is healthy", async () => {
    const error = await failure("slow", {
      healthcheck: { ...HEALTHY, interval: "30s" },
      wait: true,
      waitTimeout: 1,
    });
    assert.deepEqual(error.message.split("\n").slice(0, 2), [
      `container "${PREFIX}-slow" is not healthy after 1 s (waitTimeout): running`,
      "its log is empty",
    ]);
  });

  it("says that there is nothing to wait for without a health check", async () => {
    const error = await failure("checkless", { wait: true });
    assert.match(
      error.message,
      /has no health check to wait for: give it a `healthcheck`, or leave `wait` out: running/,
    );
  });

  it("stops waiting when it is cancelled", async () => {
    const waiting = failure("cancelled", { healthcheck: { ...HEALTHY, interval: "30s" }, wait: true });
    const name = `${PREFIX}-cancelled`;
    while (docker("ps", "-q", "--filter", `name=${name}`) === "")
      await new Promise((next) => setTimeout(next, 20));
    const cancelled = stack;
    await cancelled.provider.cancel();
    const { id, message } = await waiting;
    assert.equal(message, `cancelled: container ${id.slice(0, 12)} is not healthy yet`);
    docker("rm", "-f", id);
    stack = new Stack();
  });

  it("stops a container gently only where it has a grace", async () => {
    const command = [
      "sh",
      "-c",
      'trap "echo bye >/shared/said; exit 0" TERM; touch /shared/ready; while :; do sleep 0.1; done',
    ];
    const volume = await stack.create("Volume", "grace", { name: `${PREFIX}-grace` });
    const created = await container("grace", {
      command,
      destroyGraceSeconds: 10,
      volumes: [{ volumeName: volume.id, containerPath: "/shared" }],
      healthcheck: { ...HEALTHY, tests: ["CMD", "test", "-e", "/shared/ready"], retries: 50 },
      wait: true,
    });
    await stack.delete(created);
    const said = docker("run", "--rm", "-v", `${volume.id}:/shared`, IMAGE, "cat", "/shared/said");
    assert.equal(said, "bye");
    await stack.delete(created);
  });
});
