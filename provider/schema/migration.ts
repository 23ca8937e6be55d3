import * as z from "zod";
import { command, migrationListSchema } from "./one-off";
import { resourceId } from "./words";

/** Inputs of `slipway:index:Migration`: the migrations of one phase, applied by the version's own image. */
export const migrationSchema = migrationListSchema.extend({
  /** `expand` before the version has traffic, `contract` once no other version can get any. */
  phase: z.enum(["expand", "contract"], { error: '"expand" or "contract"' }),
  /** Ids that the version's Backup found pending, of both phases: without one nothing is asked or run. */
  pending: z.array(z.string({ error: "ids" }), { error: "a list of ids" }),
  /** Applies what is pending of the phase, which is appended as the last argument. */
  runCommand: command,
  /** Id of what must come before: the Backup, or the Rollout; it ties the order. */
  after: resourceId,
});
export type MigrationInputs = z.infer<typeof migrationSchema>;
export type MigrationPhase = MigrationInputs["phase"];
