/** Which engine runs the program, and running it. */
import { delimiter, join } from "node:path";
import { accessSync, constants, realpathSync } from "node:fs";
import { execa } from "execa";
import type { Workspace } from "./workspace";

export interface Engine {
  readonly command: string;
  readonly leadingArguments: readonly string[];
  /** One line that tells a person which engine runs, and why. */
  readonly description: string;
}

/** The Pulumi CLI when one on PATH works, else the engine that this project carries. */
export async function chooseEngine(root: string): Promise<Engine> {
  const own = join(root, "engine/pulumi");
  const cli = findOnPath("pulumi", own);
  if (cli !== undefined) {
    const version = await execa(cli, ["version"], { reject: false, timeout: 10_000 });
    if (version.exitCode === 0) {
      return {
        command: cli,
        leadingArguments: [],
        description: `the Pulumi CLI ${version.stdout.trim()} at ${cli}`,
      };
    }
  }
  const why = cli === undefined ? "no pulumi on PATH" : `${cli} does not work`;
  return {
    command: process.execPath,
    leadingArguments: [join(root, "engine/dist/main.js")],
    description: `the embedded engine (${why})`,
  };
}

function findOnPath(name: string, except: string): string | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
    } catch {
      continue;
    }
    if (realpathSync(file) !== except) return file;
  }
  return undefined;
}

/** Runs the engine on a stack with the terminal as its own; answers its exit code. Signals reach it through the terminal. */
export async function runEngine(
  engine: Engine,
  workspace: Workspace,
  args: readonly string[],
): Promise<number> {
  const result = await execa(engine.command, engineArguments(engine, workspace, args), {
    cwd: workspace.root,
    env: workspace.environment,
    stdio: "inherit",
    reject: false,
    // The engine cancels cleanly by itself on Ctrl-C.
    cleanup: false,
  });
  return result.exitCode ?? 1;
}

/** Runs the engine and answers its standard output as JSON. */
export async function queryEngine(
  engine: Engine,
  workspace: Workspace,
  args: readonly string[],
): Promise<unknown> {
  const result = await execa(engine.command, engineArguments(engine, workspace, args), {
    cwd: workspace.root,
    env: workspace.environment,
  });
  return JSON.parse(result.stdout);
}

function engineArguments(engine: Engine, workspace: Workspace, args: readonly string[]): string[] {
  return [
    ...engine.leadingArguments,
    ...args,
    "--stack",
    workspace.stack,
    "--config-file",
    workspace.configFile,
  ];
}
