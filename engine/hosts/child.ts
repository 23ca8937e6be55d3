/** Processes that the engine starts: the program, plugins, policy packs. Each leads a process group of its own. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

/** How long a process may take to end after SIGINT before it is killed (the CLI's own figure, pkg/resource/plugin/plugin.go). */
const STOP_SECONDS = 5;
/** How much of a process's output is kept to explain its end. */
const KEPT_LINES = 20;

export type OutputStream = "stdout" | "stderr";
export type LineHandler = (stream: OutputStream, line: string) => void;

export interface ChildOptions {
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Gets every line with its newline, if it has one. */
  onLine: LineHandler;
}

export interface Exit {
  code: number | null;
  /** How it ended, in words: `exit code 1`, `signal SIGKILL`, `could not be started: …`. */
  description: string;
}

export interface Child {
  /** Resolves when the process has ended and its output was read. */
  readonly exited: Promise<Exit>;
  readonly ended: boolean;
  /** The last lines it wrote, for an error about its end; "" when it wrote none. */
  lastLines(): string;
  /** SIGINT to the process group, after 5 seconds SIGKILL; resolves when it has ended. */
  stop(): Promise<void>;
}

/** Groups still alive, so that none outlives an engine that exits in a hurry. */
const alive = new Set<ChildProcess>();
const killAll = (): void => alive.forEach((child) => signalGroup(child, "SIGKILL"));

export function startChild({ command, args, cwd, env, onLine }: ChildOptions): Child {
  // stdin stays open while the engine lives: a plugin may take its end for the engine's.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: "pipe" });
  if (alive.size === 0) process.once("exit", killAll);
  alive.add(child);
  const lines: string[] = [];
  const read = (stream: OutputStream): void =>
    splitLines(child[stream], (line) => {
      lines.push(line.trimEnd());
      if (lines.length > KEPT_LINES) lines.shift();
      onLine(stream, line);
    });
  read("stdout");
  read("stderr");
  child.stdin.on("error", () => undefined);

  let ended = false;
  const exited = new Promise<Exit>((resolve) => {
    const end = (exit: Exit): void => {
      ended = true;
      alive.delete(child);
      if (alive.size === 0) process.removeListener("exit", killAll);
      resolve(exit);
    };
    child.once("error", (error) =>
      end({ code: null, description: `could not be started: ${error.message}` }),
    );
    child.once("exit", (code, signal) => {
      const exit = { code, description: code === null ? `signal ${signal}` : `exit code ${code}` };
      child.once("close", () => end(exit));
      // Its own children may hold the pipes for ever.
      setTimeout(() => end(exit), 500).unref();
    });
  });
  return {
    exited,
    get ended() {
      return ended;
    },
    lastLines: () => lines.join("\n").trim(),
    async stop() {
      if (ended) return;
      signalGroup(child, "SIGINT");
      const timer = setTimeout(() => signalGroup(child, "SIGKILL"), STOP_SECONDS * 1000);
      await exited;
      clearTimeout(timer);
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function splitLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) onLine(`${part}\n`);
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}
