/** The local stack's commands: set-up, then the engine, then what is where. */
import { chooseEngine, initStack, runUpdate, type Engine } from "./engine";
import { openProjectConfig } from "./project-config";
import { ensureDocker } from "./setup/docker";
import type { Say } from "./setup/step";
import { setUp } from "./setup/set-up";
import { UserError } from "./user-error";
import { keepingConfig, openWorkspace, type Settings, type Workspace } from "./workspace";

const stack = "local";

/** Docker and images, found or made. */
export async function setUpStack(root: string, images: string, say: Say): Promise<void> {
  if (images !== "auto" && images !== "registry" && images !== "debian") {
    throw new UserError(`--images is "${images}"; it can be auto, registry or debian.`);
  }
  await setUp({ images, root, say, pins: imagePins(root) });
}

/** `destroy`. Answers the exit code. */
export async function down(root: string, args: readonly string[], say: Say): Promise<number> {
  await ensureDocker(root, say);
  const { engine, workspace } = await openStack(root, say);
  return runUpdate(engine, workspace, ["destroy", "--yes", "--skip-preview", ...args]);
}

/** The stack's workspace and the engine for it; makes the stack where it has no state yet. */
export async function openStack(
  root: string,
  say: Say,
  settings: Settings = {},
  reason?: string,
): Promise<{ engine: Engine; workspace: Workspace }> {
  const workspace = openWorkspace(root, stack, settings, reason);
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

/** The pinned images of the stack's configuration. */
function imagePins(root: string) {
  const config = openProjectConfig(root, stack);
  return {
    postgres: String(config("postgresImage")),
    redis: String(config("redisImage")),
    node: String(config("nodeImage")),
    debian: String(config("debianImage")),
  };
}
