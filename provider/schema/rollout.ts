import * as z from "zod";
import { strategySchema } from "./strategy";
import { containerName, environmentName, pathPrefix, resourceId, serviceName, version } from "./words";

const historyAllowed = "the path of the journal, relative to the project's folder or absolute";

/** Inputs of `slipway:index:Rollout`: where a service's traffic goes. */
export const rolloutSchema = z.strictObject({
  gateway: containerName,
  service: serviceName,
  /** The paths this service answers: the prefix itself and all below it. */
  pathPrefix,
  version,
  strategy: strategySchema,
  /** True: the version was live before and is still warm; all traffic goes to it at once, without bake or analysis. */
  rollback: z.boolean({ error: "true or false" }).optional(),
  /** Id of the SmokeTest that this version passed: no traffic without one. */
  smokeTest: resourceId,
  environment: environmentName,
  /** Where an abort is told: the journal of this environment. */
  history: z.string({ error: historyAllowed }).min(1, { error: historyAllowed }),
});
export type RolloutInputs = z.infer<typeof rolloutSchema>;
