/** Which engine runs the program, and running it. */
import { delimiter, join } from "node:path";
import { accessSync, constants, realpathSync } from "node:fs";
import { execa } from "execa";
import { UserError } from "./user-error";
import type { Workspace } from "./workspace";

export interface Engine {
  readonly command: string;
  readonly leadingArguments: readonly string[];
  /** One line that tells a person which engine runs, and why. */
  readonly description: string;
  /** True for the one that this project carries, which only simulates AWS and Cloudflare. */
  readonly embedded: boolean;
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
        embedded: false,
      };
    }
  }
  const why = cli === undefined ? "no pulumi on PATH" : `${cli} does not work`;
  return {
    command: process.execPath,
    leadingArguments: [join(root, "engine/dist/main.js")],
    description: `the embedded engine (${why})`,
    embedded: true,
  };
}

/**
 * The engine for a real update of a stack on AWS.
 *
 * @throws UserError where it would be the embedded one
 */
export async function chooseCloudEngine(root: string, stack: string): Promise<Engine> {
  const engine = await chooseEngine(root);
  if (!engine.embedded) return engine;
  throw new UserError(
    `An update of ${stack} needs the Pulumi CLI, and this is ${engine.description}, which only simulates AWS and Cloudflare. Install the CLI ` +
      "(https://www.pulumi.com/docs/install/), log in to the stack's backend (docs/deployment/cloud.md), and run this again. " +
      `What it would do: npm run preview -- ${stack}, or npm run rehearse -- ${stack}. Nothing was touched.`,
  );
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

/**
 * Runs an update of a stack with the terminal as the engine's own; answers its exit code. A signal to end is left to the engine, which
 * cancels cleanly.
 */
export async function runUpdate(
  engine: Engine,
  workspace: Workspace,
  args: readonly string[],
): Promise<number> {
  return run(engine, workspace, [...args, "--stack", workspace.stack, "--config-file", workspace.configFile]);
}

/** Makes the stack's state; answers the exit code. */
export async function initStack(engine: Engine, workspace: Workspace): Promise<number> {
  return run(engine, workspace, ["stack", "init", workspace.stack, "--no-select", "--non-interactive"]);
}

async function run(engine: Engine, workspace: Workspace, args: readonly string[]): Promise<number> {
  const running = execa(engine.command, [...engine.leadingArguments, ...args], {
    cwd: workspace.root,
    env: workspace.environment,
    stdio: "inherit",
    reject: false,
    cleanup: false,
  });
  // A terminal sends Ctrl-C to the engine too, and a second one would end it at once.
  const interrupt = (): void => void (process.stdin.isTTY || running.kill("SIGINT"));
  const terminate = (): void => void running.kill("SIGTERM");
  process.on("SIGINT", interrupt).on("SIGTERM", terminate);
  try {
    return (await running).exitCode ?? 1;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", terminate);
  }
}

/** The stack's outputs by name; secret ones masked. */
export async function stackOutputs(engine: Engine, workspace: Workspace): Promise<Record<string, unknown>> {
  const args = [...engine.leadingArguments, "stack", "output", "--json", "--stack", workspace.stack];
  const { stdout } = await execa(engine.command, args, { cwd: workspace.root, env: workspace.environment });
  return JSON.parse(stdout) as Record<string, unknown>;
}
