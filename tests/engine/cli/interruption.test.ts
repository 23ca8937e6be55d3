import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Sandbox } from "./engine-process";

/** One thing that is made at once, and one that waits in the middle of its creation until the world holds a file `go`. */
const things = { quick: { value: "q" }, slow: { value: "s", wait: true }, after: { needs: "slow" } };

describe("interruptions", function () {
  this.timeout(300_000);
  let sandbox: Sandbox;
  const locks = (): string[] => {
    const folder = join(sandbox.state, "locks/organization/shop/dev");
    return readdirSync(folder, { recursive: true, encoding: "utf8" });
  };
  beforeEach(async () => {
    sandbox = await Sandbox.make();
    await sandbox.things(things);
  });
  afterEach(() => sandbox.remove());

  it("ends cleanly at the first Ctrl-C: what runs is asked to stop and awaited, what was done is kept, the lock is free", async () => {
    const running = sandbox.start("up", "-yf");
    await running.saw(/quick created[\s\S]*slow creating|slow creating[\s\S]*quick created/);
    running.process.kill("SIGINT");
    const { code, stdout } = await running.ended;
    assert.equal(code, 1);
    assert.match(
      stdout,
      /\^C received; cancelling\. If you would like to terminate immediately, press \^C again\.\n/,
    );
    assert.match(stdout, /error: gave up as asked\n/);
    assert.doesNotMatch(stdout, /after/);
    assert.deepEqual(locks(), []);
    assert.deepEqual(sandbox.made, [{ value: "q" }]);
    assert.notEqual(await sandbox.resource("quick"), undefined);

    writeFileSync(join(sandbox.world, "go"), "null");
    assert.match((await sandbox.run("up", "-yf")).stdout, /\+ 2 created\n {4}2 unchanged\n/);
  });

  it("ends at once at the second Ctrl-C, and the lock is free", async () => {
    const running = sandbox.start("up", "-yf");
    await running.saw(/slow creating/);
    running.process.kill("SIGTERM");
    await running.saw(/\^C received/);
    running.process.kill("SIGTERM");
    assert.equal((await running.ended).code, 1);
    assert.deepEqual(locks(), []);
  });

  it("loses nothing to kill -9: the next run says what was under way and carries on", async () => {
    const running = sandbox.start("up", "-yf");
    await running.saw(/quick created[\s\S]*slow creating|slow creating[\s\S]*quick created/);
    running.process.kill("SIGKILL");
    await running.ended;
    assert.match((await sandbox.run("preview")).stdout, /\+ 2 to create\n {4}2 unchanged\n/);

    writeFileSync(join(sandbox.world, "go"), "null");
    const { code, stdout } = await sandbox.run("up", "-yf");
    assert.equal(code, 0, stdout);
    assert.match(stdout, /warning: Attempting to deploy or update resources with 1 pending operations/);
    assert.match(stdout, /\+ 2 created\n {4}2 unchanged\n/);

    assert.equal((await sandbox.run("refresh", "-yf", "--clear-pending-creates")).code, 0);
    assert.doesNotMatch((await sandbox.run("up", "-yf")).stdout, /pending operations/);
  });

  it("refuses a second update while one runs, and says who holds the lock", async () => {
    const running = sandbox.start("up", "-yf");
    await running.saw(/slow creating/);
    const { code, stderr } = await sandbox.run("destroy", "-yf");
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(
        `the stack is currently locked by 1 lock.*\\n.*created by .* \\(pid ${running.process.pid}\\) at `,
      ),
    );
    writeFileSync(join(sandbox.world, "go"), "null");
    assert.equal((await running.ended).code, 0);
  });

  it("goes on when the reader of its output goes away", async () => {
    writeFileSync(join(sandbox.world, "go"), "null");
    const running = sandbox.start("up", "-yf");
    await running.saw(/Updating/);
    running.process.stdout?.destroy();
    assert.equal((await running.ended).code, 0);
    assert.equal(sandbox.made.length, 4);
  });
});

describe("on a terminal", function () {
  this.timeout(300_000);
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.make();
    await sandbox.things({ one: { value: "1" } });
  });
  after(() => sandbox.remove());

  /** Runs the engine on a pseudo-terminal, and types the answers. */
  async function type(answers: string, ...args: string[]): Promise<{ code: number; screen: string }> {
    const command = `${sandbox.installation()}/bin/pulumi ${args.join(" ")}`;
    const script = `printf '${answers}' | script --quiet --return --flush --command '${command}' /dev/null`;
    const env = { ...sandbox.env, CI: "", TERM: "xterm", COLUMNS: "100" };
    const run = promisify(execFile)("/bin/sh", ["-c", script], { cwd: sandbox.project, env });
    return run.then(
      ({ stdout }) => ({ code: 0, screen: stdout }),
      (error: { code: number; stdout: string }) => ({ code: error.code, screen: error.stdout }),
    );
  }

  it("previews, asks, and does nothing unless the answer is yes", async () => {
    const { code, screen } = await type("no\\n", "up");
    assert.match(screen, /Do you want to perform this update\? \[yes\/no\/details\] \(no\): /);
    assert.match(screen, /confirmation declined, not proceeding with the update/);
    assert.equal(code, 1);
    assert.deepEqual(sandbox.made, []);
  });

  it("shows details when asked for them, then the tree of what is done", async () => {
    const { code, screen } = await type("details\\nyes\\n", "up");
    assert.equal(code, 0, screen);
    assert.match(screen, /\+ tiny:index:Thing: \(create\)/);
    assert.match(screen, /└─ tiny:index:Thing/);
    assert.match(screen, /\+ 2 created/);
    assert.deepEqual(sandbox.made, [{ value: "1" }]);
  });
});
