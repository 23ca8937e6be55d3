/** `npm run up`: set-up, the update, what is where, and the window in which a bad release goes back by itself. */
import { readHistory } from "../provider/history/journal";
import { join } from "node:path";
import { chooseCloudEngine, runUpdate, stackOutputs } from "./engine";
import { openStack, setUpStack } from "./local";
import { downtimeWords } from "../provider/rollout/words";
import { watch } from "./monitor";
import { policyArguments } from "./policy-arguments";
import { openProjectConfig } from "./project-config";
import { rollback } from "./rollback";
import { formatDuration, type Say } from "./setup/step";
import { openCloudWorkspace, takeStack, type Settings } from "./workspace";

export interface UpOptions {
  /** Where images come from: auto, registry or debian. */
  readonly images: string;
  /** Why, for the history. */
  readonly reason?: string;
  readonly releaseHold?: boolean;
}

const local = "local";

/** `up` of the stack that the arguments begin with, else of the local one. Answers the exit code. */
export async function up(
  root: string,
  options: UpOptions,
  args: readonly string[],
  say: Say,
): Promise<number> {
  const { stack, rest } = takeStack(root, args);
  if (stack === local) return upLocal(root, options, rest, say);
  return upCloud(root, stack, options, rest, say);
}

/** `up` on AWS: the engine asks before it changes anything, unless told not to (`--yes`); ECS and its alarms watch what was deployed. */
async function upCloud(
  root: string,
  stack: string,
  options: UpOptions,
  args: readonly string[],
  say: Say,
): Promise<number> {
  const engine = await chooseCloudEngine(root, stack);
  const workspace = openCloudWorkspace(root, stack, settingsOf(options), options.reason);
  say(`engine: ${engine.description}`);
  const exitCode = await runUpdate(engine, workspace, ["up", ...policyArguments(workspace), ...args]);
  if (exitCode !== 0) return exitCode;
  const outputs = await stackOutputs(engine, workspace);
  say(`url       ${String(outputs["url"])}`);
  say(`live      ${String(outputs["live"])}`);
  return 0;
}

function settingsOf({ releaseHold }: UpOptions): Settings {
  return releaseHold === true ? { releaseHold: true } : {};
}

/** Set-up and `up`; ends by telling what is where and how long each part took. Answers the exit code. */
async function upLocal(root: string, options: UpOptions, args: readonly string[], say: Say): Promise<number> {
  const start = performance.now();
  await setUpStack(root, options.images, say);
  const ready = performance.now();
  const { engine, workspace } = await openStack(root, say, settingsOf(options), options.reason);
  const history = join(root, ".slipway/history", `${local}.jsonl`);
  const before = (await readHistory(history)).length;
  const exitCode = await runUpdate(engine, workspace, [
    "up",
    "--yes",
    "--skip-preview",
    ...policyArguments(workspace),
    ...args,
  ]);
  const done = performance.now();
  if (exitCode !== 0) return exitCode;

  const outputs = await stackOutputs(engine, workspace);
  say("");
  say(`gateway   ${String(outputs["gatewayUrl"])}   (network ${String(outputs["network"])})`);
  say(`release   ${String(outputs["release"])}`);
  say(`live      ${String(outputs["live"])}`);
  say(`took      set-up ${formatDuration(ready - start)}, update ${formatDuration(done - ready)}`);

  const [deployed] = (await readHistory(history)).slice(before);
  const downtime = deployed?.steps.at(-1)?.downtimeMilliseconds;
  if (downtime !== undefined) say(`direct    ${downtimeWords(downtime)}`);
  return deployed?.from === undefined ? 0 : monitor(root, String(outputs["gateway"]), deployed, say);
}

interface Deployed {
  readonly service: string;
  readonly version: string;
}

/** Watches what was just deployed; a breach rolls it back. Answers the exit code. */
async function monitor(
  root: string,
  gateway: string,
  { service, version }: Deployed,
  say: Say,
): Promise<number> {
  const limits = openProjectConfig(root, local)("monitor") as Limits;
  if (limits.seconds === 0) return 0;
  say("");
  say(`watching ${service} ${version} for ${limits.seconds} s; Ctrl-C ends the watch, not the deployment`);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const { verdict, reason } = await watch({ gateway, service, version, ...limits }, say, stop.signal);
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  if (verdict !== "breached") return 0;
  say(`${service} ${version} ${reason}: rolling back`);
  await rollback(root, local, { reason: `automatic: ${version} ${reason}` }, say, performance.now());
  return 1;
}

interface Limits {
  readonly seconds: number;
  readonly minRequests: number;
  readonly maxErrorPercent: number;
}
