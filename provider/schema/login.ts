import * as z from "zod";
import { containerName, resourceId } from "./words";

const role = z.string({ error: "a name of a-z, 0-9 and _" }).regex(/^[a-z_][a-z0-9_]{0,62}$/, {
  error: "a name of a-z, 0-9 and _, at most 63, not beginning with a digit",
});

/** Inputs of `slipway:index:Login`: who may sign in to a store, with what. */
export const loginSchema = z.strictObject({
  store: z.enum(["postgres", "redis"], { error: '"postgres" or "redis"' }),
  /** Runs the store. */
  container: containerName,
  user: role,
  /** Whose rights the user has; with Postgres a superuser, who owns whatever the user makes. */
  owner: role,
  password: z.string({ error: "a password" }).regex(/^[A-Za-z0-9]{16,128}$/, {
    error: "16 to 128 letters and digits",
  }),
  /** Id of the container: another one is given the login anew. */
  after: resourceId,
});
export type LoginInputs = z.infer<typeof loginSchema>;
