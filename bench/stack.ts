/** The local stack without a change: `up` and `preview` with the pack and the plugin; the stack must be up (npm run up). */
import { join } from "node:path";
import { openWorkspace } from "../pipeline/workspace";
import { policyArguments } from "../pipeline/policy-arguments";
import { show, spread, time } from "./measure";

const root = process.cwd();
const runs = 7;

export async function benchStack(say: (line: string) => void): Promise<void> {
  const workspace = openWorkspace(root, "local");
  if (!workspace.stackExists) throw new Error("The local stack is not up: npm run up, then again.");
  const run = (...args: string[]) =>
    time({
      file: process.execPath,
      args: [
        join(root, "engine/dist/main.js"),
        ...args,
        ...["--stack", "local", "--config-file", workspace.configFile],
        ...policyArguments(workspace),
      ],
      cwd: root,
      env: workspace.environment,
    });
  const ups: number[] = [];
  const previews: number[] = [];
  for (let i = 0; i < runs; i++) {
    ups.push(await run("up", "--yes", "--skip-preview", "--expect-no-changes"));
    previews.push(await run("preview", "--expect-no-changes"));
  }
  say(
    `no-change up ${show(spread(ups))}, aim at most 2 s (the Pulumi CLI: 1.9 s for three containers without a pack)`,
  );
  say(
    `no-change preview ${show(spread(previews))}, aim at most 2 s (the Pulumi CLI: 6 s with a TypeScript pack and plugin)`,
  );
}
