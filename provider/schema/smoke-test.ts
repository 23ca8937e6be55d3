import * as z from "zod";
import { list, requestPath, resourceId, seconds, serviceName, version } from "./words";

const statusAllowed = "an HTTP status from 100 to 599";

export const smokeCheckSchema = z.strictObject({
  path: requestPath,
  status: z
    .int({ error: statusAllowed })
    .min(100, { error: statusAllowed })
    .max(599, { error: statusAllowed }),
  bodyIncludes: z.string({ error: "text that the body must contain" }).optional(),
});
export type SmokeCheck = z.infer<typeof smokeCheckSchema>;

const urlAllowed = 'an http or https address without a path, such as "http://127.0.0.1:8080"';

/** Inputs of `slipway:index:SmokeTest`: requests to a version that has no traffic yet. */
export const smokeTestSchema = z.strictObject({
  /** The gateway's published address, as seen from where the provider runs. */
  gatewayUrl: z.string({ error: urlAllowed }).regex(/^https?:\/\/[^/?#\s]+\/?$/, { error: urlAllowed }),
  service: serviceName,
  version,
  checks: list(smokeCheckSchema, "a list of at least one check {path, status, bodyIncludes?}"),
  /** For all checks together. */
  timeoutSeconds: seconds(1, 1800),
  /** Id of the Backend under test; it ties the order. */
  backend: resourceId,
});
export type SmokeTestInputs = z.infer<typeof smokeTestSchema>;

/** What one check saw. */
export interface SmokeResult {
  path: string;
  status: number;
  milliseconds: number;
}
