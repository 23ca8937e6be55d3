import * as z from "zod";
import { commit, environmentName, pinnedImage, serviceName, version } from "./words";

const time = z.iso.datetime({ error: 'an ISO time in UTC, such as "2026-11-30T10:00:00Z"' });

/** What the environment before this one runs, and how it proved itself there. */
const upstreamSchema = z.strictObject({
  /** The full name of its stack. */
  stack: z.string().min(1, "a stack's full name"),
  version,
  commit,
  images: z.record(z.string(), pinnedImage, { error: "an object of pinned images by name" }),
  /** ISO time; absent where no smoke test passed. */
  smokePassedAt: time.optional(),
  /** ISO time from which this version has had all the traffic: it has soaked since. */
  liveSince: time.optional(),
});

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
  /** Absent where no environment comes before, or it has not deployed anything yet. */
  upstream: upstreamSchema.optional(),
  /** The version was live before, and passed its gates then. */
  rollback: z.boolean({ error: "true or false" }).default(false),
});
export type Upstream = z.infer<typeof upstreamSchema>;
export type ReleaseInputs = z.infer<typeof releaseSchema>;
