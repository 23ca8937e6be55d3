import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import Docker from "dockerode";
import { ImagesManifest } from "../../images/manifest";
import { type OneOff, runOnce } from "../../provider/one-off";
import { eventually } from "./support/rig";

describe("a one-off container", function () {
  this.timeout(300_000);
  const docker = new Docker();
  const service = `slipway-test-one-off-${randomBytes(4).toString("hex")}`;
  const { signal } = new AbortController();
  const oneOff = (command: string[], changes: Partial<OneOff> = {}): OneOff => ({
    ...{ task: "test", service, image, command, env: {}, network: "none", memoryMb: 64 },
    ...{ timeoutSeconds: 30, ...changes },
  });
  const there = () =>
    docker.listContainers({ all: true, filters: { label: [`slipway.service=${service}`] } });
  let image: string;

  before(() => {
    image = ImagesManifest.parse(JSON.parse(readFileSync(".slipway/images.json", "utf8"))).images.sample
      .reference;
  });
  afterEach(async () => assert.deepEqual(await there(), []));

  it("answers exit code and output, and is hardened", async () => {
    // One stream: Docker keeps no order between two.
    const script = `exec 2>&1; id -u; grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status; cat /proc/1/comm
      touch /app/x || touch /tmp/x && cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max 2>/dev/null ||
      cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max; exit 7`;
    assert.deepEqual(await runOnce(oneOff(["sh", "-c", script]), signal), {
      exitCode: 7,
      outOfMemory: false,
      output: [
        ...["1000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2", "docker-init"],
        "touch: cannot touch '/app/x': Read-only file system",
        ...["67108864", "256", ""],
      ].join("\n"),
    });
  });

  it("masks secrets, and bounds its output", async () => {
    const env = { API_TOKEN: "hunter2", ODD: "something-long-enough", PGUSER: "a-user-of-postgres" };
    const script = "seq 3000; echo $API_TOKEN $ODD $PGUSER";
    const { output } = await runOnce(oneOff(["sh", "-c", script], { env }), signal);
    const lines = output.trimEnd().split("\n");
    assert.equal(lines.length, 2000);
    assert.equal(lines.at(-1), "*** *** a-user-of-postgres");
  });

  it("says when memory ran out", async () => {
    const command = ["node", "-e", "const a = []; for (;;) a.push(Buffer.alloc(1e6, 1))"];
    const { exitCode, outOfMemory } = await runOnce(oneOff(command), signal);
    assert.deepEqual([exitCode, outOfMemory], [137, true]);
  });

  it("is killed when its time is over", async () => {
    await assert.rejects(runOnce(oneOff(["sleep", "60"], { timeoutSeconds: 2 }), signal), {
      message: '"sleep 60" did not end within 2 s and was stopped.',
    });
  });

  it("is killed when the operation is cancelled", async () => {
    const cancel = new AbortController();
    const running = runOnce(oneOff(["sleep", "60"]), cancel.signal);
    const cancelled = assert.rejects(running, { message: "Cancelled." });
    await eventually("it runs", async () => (await there())[0]?.State === "running");
    cancel.abort(new Error("Cancelled."));
    await cancelled;
  });

  it("removes what a process that died left of the same task, service and network, and nothing else", async () => {
    const leave = async (task: string, owner: string) => {
      const labels = { "slipway.managed": "true", "slipway.component": `${service}-${task}` };
      const container = await docker.createContainer({
        name: `${service}-${task}-${owner}`,
        Image: image,
        Cmd: ["sleep", "60"],
        Labels: {
          ...labels,
          "slipway.service": service,
          "slipway.network": "none",
          "slipway.owner": owner,
        },
      });
      await container.start();
      return container;
    };
    await leave("test", "dead");
    const other = await leave("other", "dead");
    await runOnce(oneOff(["true"]), signal);
    assert.deepEqual(
      (await there()).map(({ Names }) => Names[0]),
      [`/${service}-other-dead`],
    );
    await other.remove({ force: true });
  });

  it("says what is missing", async () => {
    const nowhere = `sha256:${"0".repeat(64)}`;
    await assert.rejects(runOnce(oneOff(["true"], { image: nowhere }), signal), {
      message: `Image ${nowhere} is not on this Docker; build or pull it, and run again.`,
    });
    await assert.rejects(
      runOnce(oneOff(["true"], { network: `${service}-none` }), signal),
      (error: Error) => {
        assert.match(error.message, /^Docker could not run "true" in sha256:.*network .*-none not found/);
        return true;
      },
    );
    const { exitCode, output } = await runOnce(oneOff(["no-such-program"]), signal);
    assert.equal(exitCode, 127);
    assert.match(output, /no-such-program.*No such file or directory/);
  });
});
