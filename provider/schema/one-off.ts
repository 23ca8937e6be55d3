import * as z from "zod";
import { containerName, list, pinnedImage, seconds, serviceName, version } from "./words";

const memoryAllowed = "a whole number of MiB from 32 to 65536";
const variable = z.string({ error: "text" });
const databaseVariable = z
  .string({ error: "text, by which libpq and the service find their database" })
  .min(1, { error: "text that is not empty" });

/** A program and its arguments; no shell reads them. */
export const command = list(z.string({ error: "text" }), 'a command as a list, such as ["npm", "run", "…"]');

/** Inputs of what asks a version's own image about its migrations, in a container of its own. */
export const migrationListSchema = z.strictObject({
  service: serviceName,
  version,
  /** The version's image. */
  image: pinnedImage,
  /** What the service's processes get. Values may be secret. */
  env: z
    .looseObject(
      { PGHOST: databaseVariable, PGDATABASE: databaseVariable, PGUSER: databaseVariable },
      { error: "an object of environment variables, PGHOST, PGDATABASE and PGUSER among them" },
    )
    .catchall(variable),
  /** The Docker network on which the database is reached. */
  network: containerName,
  /** Prints a line for each migration, `pending|applied expand|contract <id>`; other lines do not count. */
  listCommand: command,
  /** Limit of each container in MiB. */
  memoryMb: z
    .int({ error: memoryAllowed })
    .min(32, { error: memoryAllowed })
    .max(65536, { error: memoryAllowed }),
  /** For each container. */
  timeoutSeconds: seconds(1, 86400),
});
export type MigrationListInputs = z.infer<typeof migrationListSchema>;
