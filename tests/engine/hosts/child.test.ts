import assert from "node:assert/strict";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { startChild } from "../../../engine/hosts/child";
import type { Child } from "../../../engine/hosts/child";

const CHILD = join(__dirname, "../../../engine/hosts/child");

/** Runs code in a process of its own; `said` resolves with the first line that it prints. */
function start(code: string): { child: Child; said: Promise<string> } {
  let tell: (line: string) => void = () => undefined;
  const said = new Promise<string>((resolve) => (tell = resolve));
  const args = ["--eval", code];
  const child = startChild({
    command: process.execPath,
    args,
    cwd: ".",
    env: process.env,
    onLine: (_, line) => tell(line),
  });
  return { child, said };
}

describe("engine/hosts/child", function () {
  this.timeout(240_000);

  it("tells how a process ended, and what it wrote last", async () => {
    const { child } = start(
      "for (let i = 0; i < 30; i++) console.log(i); console.error('why'); process.exitCode = 3",
    );
    assert.deepEqual(await child.exited, { code: 3, description: "exit code 3" });
    assert.equal(child.lastLines().split("\n").length, 20);
    assert.match(child.lastLines(), /why/);
  });

  it("tells why a process could not be started", async () => {
    const options = { command: "/nowhere/at/all", args: [], cwd: ".", env: {}, onLine: () => undefined };
    assert.deepEqual(await startChild(options).exited, {
      code: null,
      description: "could not be started: spawn /nowhere/at/all ENOENT",
    });
  });

  it("interrupts a process, which may end in its own way", async () => {
    const { child, said } = start(
      "process.on('SIGINT', () => process.exit(5)); setInterval(() => 0, 1000); console.log('on')",
    );
    await said;
    await child.stop();
    assert.deepEqual(await child.exited, { code: 5, description: "exit code 5" });
    await child.stop();
  });

  it("kills a process that does not heed the interrupt, and its children with it", async () => {
    const { child, said } = start(
      "process.on('SIGINT', () => 0); setInterval(() => 0, 1000);" +
        "const inner = require('child_process').spawn(process.execPath, ['-e', \"process.on('SIGINT', () => 0); setInterval(() => 0, 1000)\"]);" +
        "console.log(inner.pid)",
    );
    const inner = Number(await said);
    await child.stop();
    assert.deepEqual(await child.exited, { code: null, description: "signal SIGKILL" });
    const deadline = Date.now() + 60_000;
    const alive = (): boolean => {
      try {
        return process.kill(inner, 0);
      } catch {
        return false;
      }
    };
    while (alive() && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(alive(), false);
  });

  it("leaves no process behind when the engine exits in a hurry", async () => {
    const engine = spawn(process.execPath, [
      "--import=tsx",
      "--eval",
      `const { startChild } = require(${JSON.stringify(CHILD)});
       startChild({ command: process.execPath, args: ["-e", "console.log(process.pid); setInterval(() => 0, 1000)"],
         cwd: ".", env: process.env, onLine: (_, line) => { console.log(line); setImmediate(() => process.exit(1)); } });`,
    ]);
    const [line] = (await once(engine.stdout, "data")) as [Buffer];
    await once(engine, "exit");
    const pid = Number(line.toString());
    assert.ok(pid > 0);
    const deadline = Date.now() + 60_000;
    let gone = false;
    while (!gone && Date.now() < deadline) {
      try {
        process.kill(pid, 0);
        await new Promise((resolve) => setImmediate(resolve));
      } catch {
        gone = true;
      }
    }
    assert.ok(gone);
  });
});
