/** Runs the user's Node program against a monitor. */
import { statSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import type { DeploymentContext, DeploymentOptions } from "../deploy/context";
import type { EventSink } from "../model";
import { startChild } from "./child";
import type { Child, Exit, LineHandler } from "./child";
import { nodeEnvironment, parseNodeOptions, resolveModule } from "./node-runtime";
import type { Runtime } from "./node-runtime";

/** Built from program-preload.ts; from the sources and from the bundle it is at the same place. */
const PRELOAD = join(__dirname, "../dist/program-preload.js");
/** How cmd/run ends when it has told the user already what went wrong (sdk/nodejs/cmd/run/index.ts). */
const ALREADY_TOLD = 32;

/** What every process of an update is told of it. */
export type UpdateInfo = Pick<
  DeploymentContext,
  "organization" | "project" | "stack" | "config" | "configSecretKeys"
> &
  Pick<DeploymentOptions, "dryRun" | "parallel">;

/** Where a program is and how it is run: Pulumi.yaml's part of it. */
export interface ProgramSource {
  /** The directory of Pulumi.yaml, absolute. */
  root: string;
  runtime: Runtime;
  /** `main` of Pulumi.yaml: a directory or a file under `root`. */
  main?: string;
}

export interface Program {
  /**
   * Resolves when the process has ended: to undefined when it ended well, to "" when it failed and the user knows why, and
   * otherwise to what went wrong.
   */
  readonly ended: Promise<string | undefined>;
  /** SIGINT, after 5 seconds SIGKILL: as the CLI cancels a program. */
  stop(): Promise<void>;
}

/** The program's working directory and entry point: `main` when it is a directory, else the directory of that file. */
export function locateProgram({ root, main }: ProgramSource): { directory: string; entryPoint: string } {
  if (main === undefined || main === "") return { directory: root, entryPoint: "." };
  const path = resolve(root, main);
  if (path !== root && !path.startsWith(root + sep)) {
    throw new Error(`main of Pulumi.yaml must be under ${root}, but is "${main}"`);
  }
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new Error(`main of Pulumi.yaml is "${main}", but ${path} does not exist`);
  if (stats.isDirectory()) return { directory: path, entryPoint: "." };
  return { directory: dirname(path), entryPoint: basename(path) };
}

/** Starts the program. Throws, before any process is there, when it cannot be run; its output becomes diagnostics. */
export function startProgram(
  source: ProgramSource,
  info: UpdateInfo,
  monitorAddress: string,
  events: EventSink,
): Program {
  const options = parseNodeOptions(source.runtime, join(source.root, "Pulumi.yaml"));
  const { directory, entryPoint } = locateProgram(source);
  const child = startChild({
    command: process.execPath,
    args: [
      ...["--require", PRELOAD],
      ...options.nodeArgs,
      resolveModule("@pulumi/pulumi/cmd/run", directory),
      ...["--monitor", monitorAddress, "--engine", monitorAddress],
      ...["--organization", info.organization, "--project", info.project],
      ...["--root-directory", source.root, "--stack", info.stack, "--pwd", directory],
      ...(info.dryRun ? ["--dry-run"] : []),
      ...["--parallel", String(info.parallel)],
      entryPoint,
    ],
    cwd: process.cwd(),
    env: { ...process.env, ...programConfig(info), ...nodeEnvironment(options) },
    onLine: outputDiagnostics(events),
  });
  return { ended: child.exited.then((exit) => explainExit(exit, child)), stop: () => child.stop() };
}

/** `namespace:name` becomes `namespace:config:name`, the form that programs read. */
function programConfig({ config, configSecretKeys }: UpdateInfo): NodeJS.ProcessEnv {
  const entries = [...config].map(([key, value]) => [key.replace(":", ":config:"), value]);
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(entries)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify([...configSecretKeys]),
  };
}

/** What a process prints goes to the user as diagnostics, each stream by its own id, so that lines can be put together. */
export function outputDiagnostics(events: EventSink): LineHandler {
  const ids = { stdout: ++lastStreamId, stderr: ++lastStreamId };
  return (stream, message) => {
    const severity = stream === "stdout" ? "info" : "info#err";
    if (message.trim() !== "") events({ kind: "diagnostic", severity, message, streamId: ids[stream] });
  };
}
let lastStreamId = 0;

function explainExit(exit: Exit, child: Child): string | undefined {
  if (exit.code === 0) return undefined;
  if (exit.code === ALREADY_TOLD) return "";
  const memory = /out of memory/i.test(child.lastLines())
    ? ". It ran out of memory: raise the limit with nodeargs, for example --max-old-space-size=4096."
    : "";
  const how =
    exit.code === null
      ? `Program ended unexpectedly: ${exit.description}`
      : `Program exited with non-zero exit code: ${exit.code}`;
  return `an unhandled error occurred: ${how}${memory}`;
}
