import * as z from "zod";
import { containerName, pathPrefix, resourceId, serviceName, version } from "./words";

const strategyAllowed = '{kind: "direct"}';

/** Inputs of `slipway:index:Rollout`: where a service's traffic goes. */
export const rolloutSchema = z.strictObject({
  gateway: containerName,
  service: serviceName,
  /** The paths this service answers: the prefix itself and all below it. */
  pathPrefix,
  version,
  strategy: z.strictObject({ kind: z.literal("direct", { error: '"direct"' }) }, { error: strategyAllowed }),
  /** Id of the SmokeTest that this version passed: no traffic without one. */
  smokeTest: resourceId,
});
export type RolloutInputs = z.infer<typeof rolloutSchema>;
