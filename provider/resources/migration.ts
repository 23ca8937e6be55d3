import { inImage, listMigrations, pendingIds } from "../migration-list";
import { describeEnd, lastLines } from "../one-off";
import type { Context, ResourceKind } from "../resource";
import { type MigrationInputs, migrationSchema } from "../schema/migration";

export interface MigrationOutputs {
  /** Ids of the migrations that it applied, in their order. */
  applied: string[];
}

/**
 * The migrations of one phase. They run once for an image: a rotated password or another limit runs nothing. Deleting it reverts nothing,
 * since the version that comes after needs the schema.
 */
export const migration: ResourceKind<MigrationInputs, MigrationOutputs> = {
  schema: migrationSchema,
  identity: ["service", "version", "phase"],
  id: ({ service, version, phase }) => `${service}-${version}-${phase}`,
  create: apply,
  async update(inputs, old, context) {
    if (inputs.image === old.image) return { applied: old.applied };
    const { applied } = await apply(inputs, context);
    return { applied: [...old.applied, ...applied] };
  },
  delete: async () => undefined,
  read: async ({ applied }) => ({ applied }),
  foresee: (inputs, old) =>
    old?.["applied"] !== undefined && inputs["image"] === old["image"] ? { applied: old["applied"] } : {},
};

async function apply(inputs: MigrationInputs, context: Context): Promise<MigrationOutputs> {
  const { phase } = inputs;
  if (inputs.pending.length === 0) return { applied: [] };
  const name = `The ${phase} migration of ${inputs.service}-${inputs.version}`;
  const stillPending = async () => pendingIds(await listMigrations(inputs, phase, context));
  const before = await listMigrations(inputs, phase, context);
  const pending = pendingIds(before, phase);
  if (pending.length === 0) return { applied: [] };
  context.progress(`${phase} migrations pending: ${pending.join(", ")}`);

  const command = [...inputs.runCommand, phase];
  const outcome = await inImage(inputs, phase, command, context);
  if (outcome.exitCode !== 0) {
    const left = await stillPending().catch(() => undefined);
    throw new Error(
      [
        `${name} failed: ${describeEnd(command, outcome)}. ${whatIsLeft(pending, left)}`,
        lastLines(outcome.output),
      ].join("\n"),
    );
  }
  const left = await stillPending();
  const missing = pending.filter((id) => left.includes(id));
  if (missing.length > 0) {
    throw new Error(
      [
        `${name} did not apply ${missing.join(", ")}, though ${describeEnd(command, outcome)}: ` +
          `the command must apply what is pending of the phase that it gets as its last argument.`,
        lastLines(outcome.output),
      ].join("\n"),
    );
  }
  // More than the phase's own may be done: on an empty database the order of the migrations is all that counts.
  return { applied: pendingIds(before).filter((id) => !left.includes(id)) };
}

/** What a failed run left of what was pending, as far as it can be asked. */
function whatIsLeft(pending: readonly string[], left: readonly string[] | undefined): string {
  if (left === undefined) {
    return `Which of ${pending.join(", ")} are applied could not be asked afterwards.`;
  }
  const done = pending.filter((id) => !left.includes(id));
  return done.length === 0
    ? `Nothing was changed: ${pending.join(", ")} ${pending.length === 1 ? "is" : "are"} still pending, and what was live before is still live.`
    : `Applied before it failed: ${done.join(", ")}. What was live before is still live.`;
}
