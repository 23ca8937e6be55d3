/** What evidence says: an in-toto Statement v1 whose predicate is a test result (v0.1) with what the gates need beside it. */
import * as z from "zod";

/**
 * What can be proved about a commit: tests of its parts, of the whole, page quality, known vulnerabilities, the build, its migrations there and
 * back, the quality gate.
 */
export const evidenceKinds = [
  "unit",
  "e2e",
  "lighthouse",
  "audit",
  "build",
  "migrations",
  "quality-gate",
] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

export const statementType = "https://in-toto.io/Statement/v1";
export const predicateType = "https://in-toto.io/attestation/test-result/v0.1";

const descriptor = z.object({
  name: z.string().max(500).optional(),
  digest: z.record(z.string(), z.string()),
});
const count = z.int().min(0);
const time = z.iso.datetime();

export const statementSchema = z.object({
  _type: z.literal(statementType),
  /** The commit (`gitCommit`), and the images (`sha256`) where the checks ran against them. */
  subject: z.array(descriptor).min(1),
  predicateType: z.literal(predicateType),
  predicate: z.object({
    result: z.enum(["PASSED", "WARNED", "FAILED"]),
    /** The tree that the checks were part of (`gitTree`). */
    configuration: z.array(descriptor),
    kind: z.enum(evidenceKinds),
    counts: z.object({ passed: count, failed: count, skipped: count }),
    startedOn: time,
    finishedOn: time,
    /** Who made it: a CI run's address, or a person; and with which tool. */
    producer: z.object({ id: z.string().max(500), tool: z.string().max(100) }),
    /** The report that it was made from (`sha256` of the file). */
    report: descriptor,
  }),
});
export type Statement = z.infer<typeof statementSchema>;
