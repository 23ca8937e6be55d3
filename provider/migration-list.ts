/** What a version's own image says of its migrations. */
import type { OneOff, Outcome } from "./one-off";
import { describeEnd, lastLines } from "./one-off";
import type { Context } from "./resource";
import type { MigrationListInputs } from "./schema/one-off";
import type { MigrationPhase } from "./schema/migration";

export interface ListedMigration {
  id: string;
  phase: MigrationPhase;
  state: "pending" | "applied";
}

const line = /^(pending|applied) +(expand|contract) +(\S+)(?: .*)?$/;

/** Each line `pending|applied expand|contract <id> [time]`, in order; other lines, such as npm's, do not count. Pure. */
export function parseMigrations(output: string): ListedMigration[] {
  return output.split("\n").flatMap((text) => {
    const [, state, phase, id] = line.exec(text.trimEnd()) ?? [];
    if (state === undefined || phase === undefined || id === undefined) return [];
    return [{ id, phase: phase as MigrationPhase, state: state as ListedMigration["state"] }];
  });
}

/** Runs a command of the version's image, as its processes run: environment, network, limits. */
export function inImage(
  inputs: MigrationListInputs,
  task: string,
  command: readonly string[],
  context: Context,
): Promise<Outcome> {
  const { service, image, env, network, memoryMb, timeoutSeconds } = inputs;
  const oneOff: OneOff = { task, service, image, command, env, network, memoryMb, timeoutSeconds };
  return context.runOnce(oneOff, context.signal);
}

/** @throws an Error with the last log lines when the command fails. */
export async function listMigrations(
  inputs: MigrationListInputs,
  task: string,
  context: Context,
): Promise<ListedMigration[]> {
  const outcome = await inImage(inputs, task, inputs.listCommand, context);
  if (outcome.exitCode !== 0) {
    throw new Error(
      [
        `The migrations of ${inputs.service}-${inputs.version} cannot be listed: ` +
          `${describeEnd(inputs.listCommand, outcome)}. Nothing was changed; what was live before is still live.`,
        lastLines(outcome.output),
      ].join("\n"),
    );
  }
  return parseMigrations(outcome.output);
}

/** Ids of what is pending, of one phase or of both. Pure. */
export function pendingIds(migrations: readonly ListedMigration[], phase?: MigrationPhase): string[] {
  return migrations
    .filter((each) => each.state === "pending" && (phase === undefined || each.phase === phase))
    .map(({ id }) => id);
}
