/** The local stack's commands: set-up, then the engine, then what is where. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { chooseEngine, initStack, runUpdate, stackOutputs, type Engine } from "./engine";
import { policyArguments } from "./policy-arguments";
import { ensureDocker } from "./setup/docker";
import { setUp } from "./setup/set-up";
import { UserError } from "./user-error";
import { keepingConfig, openWorkspace, type Workspace } from "./workspace";

const stack = "local";
type Say = (line: string) => void;

/** Docker and images, found or made. */
export async function setUpStack(root: string, images: string, say: Say): Promise<void> {
  if (images !== "auto" && images !== "registry" && images !== "debian") {
    throw new UserError(`--images is "${images}"; it can be auto, registry or debian.`);
  }
  await setUp({ images, root, say, pins: imagePins(root) });
}

/** Set-up and `up`; ends by telling what is where and how long each part took. Answers the exit code. */
export async function up(root: string, images: string, args: readonly string[], say: Say): Promise<number> {
  const start = performance.now();
  await setUpStack(root, images, say);
  const ready = performance.now();
  const { engine, workspace } = await open(root, say);
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
  say(`took      set-up ${seconds(ready - start)}, update ${seconds(done - ready)}`);
  return 0;
}

/** Set-up and `preview`. Answers the exit code. */
export async function preview(
  root: string,
  images: string,
  args: readonly string[],
  say: Say,
): Promise<number> {
  // With --json the engine's document must be alone on standard output.
  const progress: Say = args.includes("--json") ? (line) => void process.stderr.write(`${line}\n`) : say;
  await setUpStack(root, images, progress);
  const { engine, workspace } = await open(root, progress);
  return runUpdate(engine, workspace, ["preview", ...policyArguments(workspace), ...args]);
}

/** `destroy`. Answers the exit code. */
export async function down(root: string, args: readonly string[], say: Say): Promise<number> {
  await ensureDocker(root, say);
  const { engine, workspace } = await open(root, say);
  return runUpdate(engine, workspace, ["destroy", "--yes", "--skip-preview", ...args]);
}

async function open(root: string, say: Say): Promise<{ engine: Engine; workspace: Workspace }> {
  const workspace = openWorkspace(root, stack);
  const engine = await chooseEngine(root);
  say(`engine: ${engine.description}`);
  if (!workspace.stackExists) {
    await keepingConfig(workspace, async () => {
      if ((await initStack(engine, workspace)) === 0) return;
      throw new UserError(`The stack ${stack} could not be made; the engine says why above.`);
    });
  }
  return { engine, workspace };
}

/** The pinned images of the stack's configuration: its own, else the project's defaults. */
function imagePins(root: string) {
  const own = parseDocument(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8"));
  const project = parseDocument(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
  const pin = (key: string): string =>
    String(own.getIn(["config", `slipway:${key}`]) ?? project.getIn(["config", key, "default"]));
  return {
    postgres: pin("postgresImage"),
    redis: pin("redisImage"),
    node: pin("nodeImage"),
    debian: pin("debianImage"),
  };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
