/** `npm run rollback`: back to a version that served before, in seconds, and a hold on the one that is left. */
import { z } from "zod";
import { backendName } from "../provider/gateway/backends";
import { openGateway, type Gateway } from "../provider/gateway/gateway";
import { formatRoute } from "../provider/gateway/maps";
import { chooseCloudEngine, runUpdate, stackOutputs } from "./engine";
import { openStack } from "./local";
import { policyArguments } from "./policy-arguments";
import { openProjectConfig } from "./project-config";
import { ensureDocker } from "./setup/docker";
import { formatDuration, type Say } from "./setup/step";
import { UserError } from "./user-error";
import { knownStack, openCloudWorkspace, type Settings } from "./workspace";

/** What a rollback needs to know of a stack: its outputs, as stacks/target.ts remembers them. */
const memorySchema = z.object({
  /** The gateway's container; none on AWS. */
  gateway: z.string().optional(),
  live: z.string(),
  previous: z.string().nullable(),
  versions: z.array(z.object({ version: z.string(), contracted: z.array(z.string()) })),
  held: z.array(z.object({ version: z.string() })),
});
export type Memory = z.infer<typeof memorySchema>;

export interface RollbackOptions {
  /** @default the version that served before */
  readonly to?: string;
  /** Why, for the history. */
  readonly reason?: string;
  readonly dataRestored?: boolean;
}

/**
 * Rolls the stack back. Where the version is still warm the traffic moves first, before any engine runs: the update that follows finds
 * it moved and records it.
 *
 * @param started what `performance.now()` was at the command
 * @returns the exit code
 */
export async function rollback(
  root: string,
  stack: string,
  options: RollbackOptions,
  say: Say,
  started = 0,
): Promise<number> {
  const open = await opener(root, knownStack(root, stack), options);
  const { engine, workspace } = await open(say, {});
  const outputs = memorySchema.safeParse(await stackOutputs(engine, workspace));
  if (!outputs.success) {
    throw new UserError(
      "The stack has no release to roll back from: its last update made none. See npm run history.",
    );
  }
  const memory = outputs.data;
  const version = wayBack(memory, options.to);
  const service = String(openProjectConfig(root, stack)("service"));

  const { gateway } = memory;
  const moved =
    gateway !== undefined &&
    mayMoveFirst(memory, version) &&
    (await moveTraffic(openGateway(gateway), service, version));
  if (gateway === undefined) say(`back to ${service} ${version}: ECS moves the traffic`);
  else if (moved)
    say(
      `all traffic on ${service} ${version} after ${formatDuration(performance.now() - started)}; now the record`,
    );
  else say(`${service} ${version} is not warm: the update starts it first`);

  const back = await open(() => undefined, { rollbackTo: version });
  const args = ["up", "--yes", "--skip-preview", ...policyArguments(back.workspace)];
  const exitCode = await runUpdate(back.engine, back.workspace, args);
  if (exitCode === 0) {
    say(
      `${service} ${version} is live again after ${formatDuration(performance.now() - started)}; ${memory.live} is held.`,
    );
  } else if (moved) {
    say(
      `The traffic is on ${service} ${version}, but the update did not end (above). Mend what it names, then record it:\n` +
        `npm run rollback -- ${stack} --to ${version}`,
    );
  }
  return exitCode;
}

/** What opens the stack, with settings beside those of the rollback itself. */
async function opener(root: string, stack: string, { dataRestored, reason }: RollbackOptions) {
  const own = { dataRestored: dataRestored ?? false };
  if (stack === "local") {
    await ensureDocker(root, () => undefined);
    return (say: Say, settings: Settings) => openStack(root, say, { ...own, ...settings }, reason);
  }
  const engine = await chooseCloudEngine(root, stack);
  return async (_: Say, settings: Settings) => ({
    engine,
    workspace: openCloudWorkspace(root, stack, { ...own, ...settings }, reason),
  });
}

/** The version to go back to: the one asked for, else the one before that is not held. */
export function wayBack({ live, previous, versions, held }: Memory, to: string | undefined): string {
  if (to !== undefined) return to;
  const isHeld = (version: string): boolean => held.some((each) => each.version === version);
  if (previous !== null && !isHeld(previous)) return previous;
  const known = versions
    .map(({ version }) => version)
    .filter((version) => version !== live && !isHeld(version));
  throw new UserError(
    previous === null
      ? `${live} is the first version of this stack: there is nothing to go back to.`
      : `The version before ${live} is ${previous}, which is held: it was rolled back from. ` +
          `Name the version with --to; not held: ${known.join(", ") || "none"}.`,
  );
}

/** The program refuses some ways back (stacks/target.ts says which and why); then no traffic may move before. */
function mayMoveFirst({ versions, held }: Memory, to: string): boolean {
  const index = versions.findIndex(({ version }) => version === to);
  const newer = versions.slice(0, index);
  return (
    index >= 0 &&
    newer.every(({ contracted }) => contracted.length === 0) &&
    held.every(({ version }) => version !== to)
  );
}

/** All traffic to a version that has a healthy server; false when it is not warm. Nothing is asked before the shift that can wait. */
async function moveTraffic(gateway: Gateway, service: string, version: string): Promise<boolean> {
  const warm = gateway
    .servers(backendName({ service, version }))
    .then((servers) => servers.some(({ status }) => status.startsWith("UP")));
  // Told by whoever awaits it, if anybody gets that far.
  warm.catch(() => undefined);
  return gateway.locked(async () => {
    if (!(await warm)) return false;
    await gateway.setEntry("routes", service, formatRoute({ stable: version, weightPercent: 0 }));
    await gateway.persistMaps(await gateway.readMaps());
    return true;
  });
}
