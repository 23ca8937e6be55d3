/** How Pulumi's Node programs, plugins and policy packs are started (sdk/nodejs/cmd/pulumi-language-nodejs/main.go). */
import { createRequire } from "node:module";
import { join } from "node:path";

/** `runtime` of Pulumi.yaml, PulumiPlugin.yaml or PulumiPolicy.yaml. */
export interface Runtime {
  name: string;
  options: Record<string, unknown>;
}

export interface NodeOptions {
  typescript: boolean;
  tsconfig: string | undefined;
  /** For programs they precede the script; for plugins and packs they follow it, so node itself never sees them. */
  nodeArgs: string[];
}

/** `file` is named in errors. */
export function parseNodeOptions(runtime: Runtime, file: string): NodeOptions {
  if (runtime.name !== "nodejs") {
    throw new Error(
      `${file} asks for the runtime "${runtime.name}"; this engine runs "nodejs" only. Use the Pulumi CLI for other runtimes.`,
    );
  }
  const { typescript = true, tsconfig, nodeargs = "" } = runtime.options;
  const wrong = (option: string, type: string, value: unknown): Error =>
    new Error(`${file}: runtime option "${option}" must be a ${type}, but is ${JSON.stringify(value)}`);
  if (typeof typescript !== "boolean") throw wrong("typescript", "boolean", typescript);
  if (tsconfig !== undefined && typeof tsconfig !== "string") throw wrong("tsconfig", "string", tsconfig);
  if (typeof nodeargs !== "string") throw wrong("nodeargs", "string", nodeargs);
  return { typescript, tsconfig, nodeArgs: splitWords(nodeargs) };
}

/** Splits as a shell does: blanks separate, quotes and backslashes keep together. */
export function splitWords(text: string): string[] {
  const words = text.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replace(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_match, escaped, double, single) =>
      String(escaped ?? single ?? String(double).replace(/\\(["\\$`])/g, "$1")),
    ),
  );
}

/** The environment that tells the SDK of these options. */
export function nodeEnvironment(options: NodeOptions): NodeJS.ProcessEnv {
  return {
    ...(options.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(options.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
}

/** A module as Node finds it from `directory`: the SDK of the program, plugin or pack, never the engine's own. */
export function resolveModule(module: string, directory: string): string {
  try {
    return createRequire(join(directory, "package.json")).resolve(module);
  } catch {
    throw new Error(
      `the module ${module} is not installed for ${directory}. Run npm install (or npm ci) in that directory.`,
    );
  }
}

export type Runner = "run-plugin" | "run-policy-pack";

/**
 * The arguments of `node` that load the module in `directory` as the SDK's `runner` does. A module whose entry is JavaScript goes
 * without ts-node, which the runner would load and never use: a plugin then starts in 0.17 s instead of 0.53 s.
 */
export function moduleArguments(
  runner: Runner,
  directory: string,
  options: NodeOptions,
  engineAddress: string,
): string[] {
  const script = resolveModule(`@pulumi/pulumi/cmd/${runner}`, directory);
  const args = runner === "run-plugin" ? [directory, engineAddress] : [engineAddress, directory];
  if (!isJavaScript(directory)) return [script, ...options.nodeArgs, ...args];
  return ["--eval", LIGHT_RUNNER, script, directory, ...args];
}

function isJavaScript(directory: string): boolean {
  try {
    return /\.c?js$/.test(createRequire(join(directory, "package.json")).resolve(directory));
  } catch {
    return false;
  }
}

/**
 * Does what run-plugin and run-policy-pack do for a JavaScript module: `process.argv`, source maps, errors that are told and do
 * not end the process, the call of an exported function. A module that wants a file it cannot find goes to the runner itself: the
 * file may be TypeScript, and the runner explains best what is missing. (Component classes, which run-plugin would serve as well,
 * are beyond this engine.) Ends with the engine, whose end closes stdin.
 */
const LIGHT_RUNNER = `
const [node, script, directory, ...args] = process.argv;
const failed = (error) => {
  process.exitCode = 1;
  console.error(error?.stack ?? String(error));
};
process.on("uncaughtException", failed);
process.stdin.on("end", () => process.exit()).resume().unref?.();
process.argv = [node, script, ...(args[0] === directory ? args.slice(1) : [])];
require("node:module").createRequire(script)("source-map-support/register");
try {
  const loaded = require(directory);
  if (typeof loaded === "function") Promise.resolve(loaded()).catch(failed);
} catch (error) {
  if (error?.code !== "MODULE_NOT_FOUND") failed(error);
  else {
    process.removeListener("uncaughtException", failed);
    process.argv = [node, script, ...args];
    require(script);
  }
}
`;
