/** One writer at a time, of all processes that write a file. */
import { randomUUID } from "node:crypto";
import { open, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A writer has the lock for milliseconds; one that has it this long is gone, though something else may run under its number now. */
const abandonedMs = 60_000;
const waitMs = 90_000;
const mostPauseMs = 20;

/**
 * Runs `work` while nobody else works under this file's lock. Whoever wants it puts a file of its own name beside `file`, and has it when
 * there is no other; else it takes its own back, and tries again. Since every such file is its owner's alone, one that a dead
 * process left can be removed at any time.
 * @throws when others have the lock for a minute and a half.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const prefix = `${basename(file)}.lock.`;
  const own = `${prefix}${process.pid}.${randomUUID()}.${hostname()}`;
  const folder = dirname(file);
  const deadline = performance.now() + waitMs;
  try {
    for (;;) {
      await (await open(join(folder, own), "wx", 0o600)).close();
      const others = await otherHolders(folder, prefix, own);
      if (others.length === 0) return await work();
      await rm(join(folder, own), { force: true });
      if (performance.now() > deadline) {
        throw new Error(
          `${file} is being written by somebody else for ${waitMs / 1000} s: ${others.join(", ")}. ` +
            "If nobody is, remove that lock file and run again.",
        );
      }
      await sleep(Math.random() * mostPauseMs);
    }
  } finally {
    await rm(join(folder, own), { force: true });
  }
}

async function otherHolders(folder: string, prefix: string, own: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name !== own);
  const held = await Promise.all(
    names.map(async (name) => {
      if (!(await isAbandoned(join(folder, name), name.slice(prefix.length)))) return [name];
      await rm(join(folder, name), { force: true });
      return [];
    }),
  );
  return held.flat();
}

async function isAbandoned(path: string, owner: string): Promise<boolean> {
  const [pid, , ...host] = owner.split(".");
  if (host.join(".") === hostname() && !isRunning(Number(pid))) return true;
  // Gone meanwhile is as good as abandoned.
  const since = await stat(path).catch(() => undefined);
  return since === undefined || Date.now() - since.mtimeMs > abandonedMs;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
