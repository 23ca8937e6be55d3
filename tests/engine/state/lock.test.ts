import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { acquireLock, isLocked, removeLocks } from "../../../engine/state/lock";

describe("the lock", () => {
  let directory: string;
  beforeEach(() => {
    directory = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "lock-")), "organization", "p", "s");
  });
  afterEach(() => fs.rmSync(path.resolve(directory, "../../.."), { recursive: true }));

  const hold = (content: unknown): void => {
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(
      path.join(directory, "theirs.json"),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  };
  const refusal = (): string => {
    try {
      acquireLock(directory).release();
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  it("is a file of the CLI's format, which goes when it is released", () => {
    const lock = acquireLock(directory);
    const [name = ""] = fs.readdirSync(directory);
    assert.match(name, /^[0-9a-f-]{36}\.json$/);
    const content = JSON.parse(fs.readFileSync(path.join(directory, name), "utf8")) as Record<
      string,
      unknown
    >;
    const { timestamp, ...owner } = content;
    assert.deepEqual(owner, { pid: process.pid, username: os.userInfo().username, hostname: os.hostname() });
    assert.ok(Math.abs(Date.now() - Date.parse(String(timestamp))) < 60_000);
    assert.equal(lock.held, true);
    lock.release();
    assert.deepEqual([lock.held, isLocked(directory)], [false, false]);
  });

  it("is refused while another holds it, telling who and since when", () => {
    hold({
      pid: 1,
      username: "ann",
      hostname: "far",
      timestamp: new Date(Date.now() - 3 * 3_600_000).toISOString(),
    });
    const [first, second, ...more] = refusal().split("\n");
    assert.equal(
      first,
      "the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.",
    );
    assert.match(
      second ?? "",
      /^ {2}\/.*\/theirs\.json: created by ann@far \(pid 1\) at \d{4}-.*Z, 3 h ago$/,
    );
    assert.deepEqual(more, []);
    assert.deepEqual(fs.readdirSync(directory), ["theirs.json"]);
  });

  it("is taken over when its owner on this machine has died, and only then", () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const theirs = { username: "ann", hostname: os.hostname(), timestamp: new Date().toISOString() };
    hold({ ...theirs, pid: process.pid });
    assert.match(refusal(), /, 0 s ago$/);
    hold({ ...theirs, pid, hostname: "far" });
    assert.match(refusal(), /ann@far/);
    hold({ ...theirs, pid });
    assert.equal(refusal(), "");
  });

  it("holds even when its file says nothing", () => {
    hold("");
    assert.match(refusal(), /theirs\.json: it does not say who created it$/);
  });

  it("is taken away with every other by removeLocks", () => {
    hold({});
    const lock = path.join(directory, "another.json");
    fs.writeFileSync(lock, "{}");
    fs.writeFileSync(`${lock}.attrs`, "{}");
    assert.equal(removeLocks(directory), 2);
    assert.equal(refusal(), "");
    assert.equal(removeLocks(directory), 0);
  });
});
