import * as z from "zod";
import { migrationListSchema } from "./one-off";
import { containerName, pinnedImage } from "./words";

function count(most: number) {
  const error = `a whole number from 1 to ${most}`;
  return z.int({ error }).min(1, { error }).max(most, { error });
}

/** Inputs of `slipway:index:Backup`: the database as it was before a version's migrations. */
export const backupSchema = migrationListSchema.extend({
  /** Has pg_dump and pg_restore, and a user `postgres`. */
  postgresImage: pinnedImage,
  /** The container that Postgres runs in; it has the volume at /backups. */
  postgresContainer: containerName,
  /** The Docker volume of the dumps. */
  volume: containerName,
  /** Dumps of this service kept at most, the newest. */
  keepCount: count(1000),
  /** Dumps older than this go, whatever their number. */
  keepDays: count(36_500),
});
export type BackupInputs = z.infer<typeof backupSchema>;
