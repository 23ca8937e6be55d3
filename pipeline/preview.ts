/** `npm run preview`: what an update would do. */
import { chooseEngine, runUpdate } from "./engine";
import { openStack, setUpStack } from "./local";
import { policyArguments } from "./policy-arguments";
import type { Say } from "./setup/step";
import { openCloudWorkspace, takeStack } from "./workspace";

/**
 * `preview` of a stack: of the local one after set-up, of one on AWS with nothing but this checkout where the embedded engine runs.
 * Answers the exit code.
 */
export async function preview(
  root: string,
  images: string,
  args: readonly string[],
  say: Say,
): Promise<number> {
  const { stack, rest } = takeStack(root, args);
  // With --json the engine's document must be alone on standard output.
  const progress: Say = rest.includes("--json") ? (line) => void process.stderr.write(`${line}\n`) : say;
  if (stack === "local") {
    await setUpStack(root, images, progress);
    const { engine, workspace } = await openStack(root, progress);
    return runUpdate(engine, workspace, ["preview", ...policyArguments(workspace), ...rest]);
  }
  const workspace = openCloudWorkspace(root, stack);
  const engine = await chooseEngine(root);
  progress(`engine: ${engine.description}`);
  return runUpdate(engine, workspace, ["preview", ...policyArguments(workspace), ...rest]);
}
