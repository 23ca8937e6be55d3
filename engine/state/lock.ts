/** Locks of the CLI's file backend (pkg/backend/diy/lock.go): a stack is locked by any file in its lock folder. */
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { listDirectory, writeAtomically } from "./files";

const owner = z.object({
  pid: z.int(),
  username: z.string(),
  hostname: z.string(),
  timestamp: z.coerce.date(),
});

export interface Lock {
  /** False when somebody has taken it away (`cancel`). */
  readonly held: boolean;
  release(): void;
}

/**
 * Takes the lock of a stack, at once or not at all.
 * @param directory of the stack's locks.
 * A lock whose process ran on this machine and is gone (it was killed) is taken over: its journal has all that it did.
 * @throws Error naming every holder and since when it holds the lock. Locks never expire.
 */
export function acquireLock(directory: string): Lock {
  const file = path.join(directory, `${randomUUID()}.json`);
  const content = {
    pid: process.pid,
    username: os.userInfo().username,
    hostname: os.hostname(),
    timestamp: new Date().toISOString(),
  };
  for (const other of lockFiles(directory)) if (isDead(other)) fs.rmSync(other, { force: true });
  refuseIfLocked(directory, file);
  writeAtomically(file, JSON.stringify(content));
  const release = () => fs.rmSync(file, { force: true });
  try {
    // Of two that passed the first look at the same time, both see the other now.
    refuseIfLocked(directory, file);
  } catch (error) {
    release();
    throw error;
  }
  return {
    get held() {
      return fs.existsSync(file);
    },
    release,
  };
}

/** Whether anybody holds the lock. */
export function isLocked(directory: string): boolean {
  return lockFiles(directory).length > 0;
}

/** Takes every lock of the stack away, whoever holds it. @returns how many there were. */
export function removeLocks(directory: string): number {
  const files = lockFiles(directory);
  for (const file of files) fs.rmSync(file, { force: true });
  return files.length;
}

function lockFiles(directory: string): string[] {
  return listDirectory(directory)
    .filter((name) => name.endsWith(".json"))
    .map((name) => path.join(directory, name));
}

function refuseIfLocked(directory: string, own: string): void {
  const files = lockFiles(directory).filter((file) => file !== own);
  if (files.length === 0) return;
  throw new Error(
    [
      `the stack is currently locked by ${files.length} lock(s). ` +
        "Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.",
      ...files.map((file) => `  ${file}: ${description(file, Date.now())}`),
    ].join("\n"),
  );
}

function description(file: string, now: number): string {
  const content = readOwner(file);
  if (content === undefined) return "it does not say who created it";
  const { pid, username, hostname, timestamp } = content;
  const since = `${timestamp.toISOString()}, ${age(now - timestamp.getTime())} ago`;
  return `created by ${username}@${hostname} (pid ${pid}) at ${since}`;
}

function readOwner(file: string): z.infer<typeof owner> | undefined {
  try {
    return owner.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

function isDead(file: string): boolean {
  const content = readOwner(file);
  return content !== undefined && content.hostname === os.hostname() && !isRunning(content.pid);
}

function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
  return !isZombie(pid);
}

/** A process that has ended and that nobody has waited for still answers signals; Linux tells it in /proc. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
