import * as z from "zod";
import { newEntrySchema } from "../history/entry";
import { commit, environmentName, serviceName, version } from "./words";

const historyAllowed = "the path of the journal, relative to the project's folder or absolute";
const actions = '"deploy" or "rollback"';
const kinds = '"direct", "blue-green", "canary" or "rolling"';
const time = "an ISO time";

/** Inputs of `slipway:index:DeploymentRecord`: what the journal is to tell about a deployment. */
export const deploymentRecordSchema = newEntrySchema.omit({ fault: true }).extend({
  history: z.string({ error: historyAllowed }).min(1, { error: historyAllowed }),
  environment: environmentName,
  service: serviceName,
  version,
  from: version.optional(),
  commit,
  action: z.enum(["deploy", "rollback"], { error: actions }),
  strategy: z.enum(["direct", "blue-green", "canary", "rolling"], { error: kinds }),
  /** ISO time of the shift, the Rollout's: another one is another deployment. */
  shiftedAt: z.iso.datetime({ error: time }),
  rollbackTarget: version.optional(),
});
export type DeploymentRecordInputs = z.infer<typeof deploymentRecordSchema>;
