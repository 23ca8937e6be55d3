import * as z from "zod";
import { commit, environmentName, pinnedImage, serviceName, version } from "./words";

/** Inputs of `slipway:index:Release`, the first resource of a deployment: the whole case for it. */
export const releaseSchema = z.strictObject({
  service: serviceName,
  version,
  commit,
  environment: environmentName,
  /** By role, `{ app: "sha256:…" }`. */
  images: z.record(z.string(), pinnedImage, { error: "an object of pinned images by name" }),
  /** DSSE envelopes as JSON text; the policy pack judges them, the provider only keeps them. */
  evidence: z.array(z.string({ error: "a DSSE envelope as JSON text" }), {
    error: "a list of DSSE envelopes, each as JSON text",
  }),
  previousVersion: version.optional(),
  /** The version was live before, and passed its gates then. */
  rollback: z.boolean({ error: "true or false" }).default(false),
});
export type ReleaseInputs = z.infer<typeof releaseSchema>;
