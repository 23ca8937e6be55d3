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

const sealed = z.array(z.string({ error: "a DSSE envelope as JSON text" }), {
  error: "a list of DSSE envelopes, each as JSON text",
});
const date = z.iso.date({ error: 'a date, such as "2026-11-30"' });
const name = (allowed: string) => z.string({ error: allowed }).min(1, { error: allowed });

/** What the documents say about being ready, gathered by the stack. */
const documentsSchema = z.strictObject({
  /** By name, when each was last exercised; null for never. */
  runbooks: z.record(z.string(), date.nullable(), { error: "an object of dates by runbook" }),
  /** The head of the direction document; absent where there is none. */
  direction: z.strictObject({ owner: name("who owns it"), lastReviewed: date, expires: date }).optional(),
  /** The matrix of environments is what the configuration would generate. */
  environmentMatrixCurrent: z.boolean({ error: "true or false" }),
  /** Items of the go-live checklist that are still open; absent where there is none. */
  openChecklistItems: z.array(z.string(), { error: "a list of items" }).optional(),
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
  evidence: sealed,
  /** Who wrote the commit, by e-mail address: never who approves it. */
  author: name("an e-mail address").optional(),
  /** What people signed: approvals of this commit, and waivers of rules. */
  approvals: sealed.optional(),
  waivers: sealed.optional(),
  /** A fix that may skip the soak, not staging; it needs an approval of its own. */
  hotfix: z.boolean({ error: "true or false" }).optional(),
  /** How traffic will move, as configured; the Rollout checks it. */
  strategy: z.looseObject({ kind: z.string() }, { error: "an object with the kind" }).optional(),
  /** How long the new version is watched after the deployment. */
  monitorSeconds: z.int({ error: "whole seconds" }).min(0, { error: "whole seconds" }).optional(),
  /** What the version's image brings, in order. */
  migrations: z
    .array(z.strictObject({ id: name("an id"), phase: z.enum(["expand", "contract"]) }), {
      error: "a list of {id, phase}",
    })
    .optional(),
  /** Versions that this stack has released: the only ones to go back to. */
  released: z.array(version, { error: "a list of versions" }).optional(),
  /** Versions that were rolled back from. */
  held: z.array(version, { error: "a list of versions" }).optional(),
  documents: documentsSchema.optional(),
  previousVersion: version.optional(),
  /** Absent where no environment comes before, or it has not deployed anything yet. */
  upstream: upstreamSchema.optional(),
  /** The version was live before, and passed its gates then. */
  rollback: z.boolean({ error: "true or false" }).optional(),
  /** Set by the policy pack (policy/stamp.ts). No input may have a default here: the stamp is of what the pack saw. */
  stamp: z.string({ error: "the policy pack's stamp" }).optional(),
});
export type Documents = z.infer<typeof documentsSchema>;
export type Upstream = z.infer<typeof upstreamSchema>;
export type ReleaseInputs = z.infer<typeof releaseSchema>;
