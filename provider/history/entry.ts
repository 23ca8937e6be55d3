/** One entry of a stack's history: who deployed what, when, why, how it went, and the way back. Pure. */
import * as z from "zod";

const trafficSchema = z.strictObject({
  requests: z.number(),
  errors: z.number(),
  /** Absent where there were no requests. */
  p95Milliseconds: z.number().optional(),
});
/** What a version did with its requests in a window. */
export type Traffic = z.infer<typeof trafficSchema>;

const stepReportSchema = z.strictObject({
  weightPercent: z.number(),
  /** How long the version had this share. */
  seconds: z.number(),
  verdict: z.enum(["passed", "failed", "inconclusive", "cancelled"]),
  target: trafficSchema,
  /** The version that had the traffic before; absent where there was none. */
  stable: trafficSchema.optional(),
  /** Of a direct release: how long requests failed, by the gateway's log. */
  downtimeMilliseconds: z.number().optional(),
});
/** What one step of a rollout saw. */
export type StepReport = z.infer<typeof stepReportSchema>;

const backupSchema = z.strictObject({
  file: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  takenAt: z.string(),
  /** The command that puts the data back as they were. */
  restoreCommand: z.string(),
});
export type BackupFacts = z.infer<typeof backupSchema>;

/** What is told about a deployment; the journal adds who, when, and its place in the chain. */
export const newEntrySchema = z.strictObject({
  action: z.enum(["deploy", "rollback", "abort"]),
  environment: z.string(),
  service: z.string(),
  version: z.string(),
  /** The version that had the traffic before. */
  from: z.string().optional(),
  commit: z.string().optional(),
  /** ISO time at which the version had all traffic; absent of an abort. */
  shiftedAt: z.string().optional(),
  /** Of an abort: what went wrong. */
  fault: z.string().optional(),
  strategy: z.string(),
  steps: z.array(stepReportSchema),
  /** The version that a rollback would go to now. */
  rollbackTarget: z.string().optional(),
  backup: backupSchema.optional(),
  /** Ids of the migrations that were applied. */
  migrations: z.strictObject({ expand: z.array(z.string()), contract: z.array(z.string()) }).optional(),
  featureFlags: z.record(z.string(), z.boolean()).optional(),
  toggles: z.record(z.string(), z.string()).optional(),
});
export type NewEntry = z.infer<typeof newEntrySchema>;

/** An entry as it stands in the journal. */
export const entrySchema = newEntrySchema.extend({
  /** 1, 2, 3 … */
  sequence: z.int(),
  /** ISO time. */
  at: z.string(),
  by: z.string(),
  reason: z.string(),
  /** The hash of the entry before; 64 zeros for the first. */
  previousHash: z.string(),
  /** SHA-256 of the entry without this field, as JSON with sorted keys. */
  hash: z.string(),
});
export type Entry = z.infer<typeof entrySchema>;
