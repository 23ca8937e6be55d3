/** Reads what test tools report as JSON. Pure: text in, counts out. */
import * as z from "zod";
import type { EvidenceKind, Statement } from "../../policy/attestation/statement";
import { UserError } from "../user-error";

export interface Report {
  /** The tool that wrote it. */
  readonly tool: string;
  readonly counts: Statement["predicate"]["counts"];
  /** Absent when the tool does not say. */
  readonly startedOn?: Date;
  readonly finishedOn?: Date;
  /** What failed, where the tool names it in few words. */
  readonly failures?: readonly string[];
}

interface Format {
  /** What a file of this format looks like, for a person. */
  readonly looks: string;
  read(value: unknown): { success: true; report: Report } | { success: false; error: z.ZodError };
}

function format<T>(looks: string, schema: z.ZodType<T>, summarize: (data: T) => Report): Format {
  return {
    looks,
    read: (value) => {
      const result = schema.safeParse(value);
      return result.success
        ? { success: true, report: summarize(result.data) }
        : { success: false, error: result.error };
    },
  };
}

const count = z.int().min(0);

const mocha = format(
  "mocha's JSON (--reporter json): stats with passes, failures, pending, start and end",
  z.object({
    stats: z.object({
      passes: count,
      failures: count,
      pending: count,
      start: z.iso.datetime(),
      end: z.iso.datetime(),
    }),
  }),
  ({ stats }) => ({
    tool: "mocha",
    counts: { passed: stats.passes, failed: stats.failures, skipped: stats.pending },
    startedOn: new Date(stats.start),
    finishedOn: new Date(stats.end),
  }),
);

/** `success` is false also when a file failed to load, with no failed test to count. */
const jest = format(
  "Vitest's or Jest's JSON (--reporter=json): numPassedTests, numFailedTests, numPendingTests, startTime and success",
  z.object({
    success: z.boolean(),
    numPassedTests: count,
    numFailedTests: count,
    numPendingTests: count,
    numTodoTests: count.default(0),
    startTime: z.number(),
    testResults: z.array(z.object({ endTime: z.number().optional() })),
  }),
  (run) => ({
    tool: "vitest",
    counts: {
      passed: run.numPassedTests,
      failed: run.success ? run.numFailedTests : Math.max(1, run.numFailedTests),
      skipped: run.numPendingTests + run.numTodoTests,
    },
    startedOn: new Date(run.startTime),
    finishedOn: new Date(Math.max(run.startTime, ...run.testResults.map(({ endTime }) => endTime ?? 0))),
  }),
);

/** A flaky test passed when it was tried again, which Playwright itself counts as success; `errors` are those outside of tests. */
const playwright = format(
  "Playwright's JSON (--reporter=json): stats with expected, unexpected, flaky, skipped, startTime and duration",
  z.object({
    stats: z.object({
      expected: count,
      unexpected: count,
      flaky: count,
      skipped: count,
      startTime: z.iso.datetime(),
      duration: z.number().min(0),
    }),
    errors: z.array(z.unknown()),
  }),
  ({ stats, errors }) => ({
    tool: "playwright",
    counts: {
      passed: stats.expected + stats.flaky,
      failed: stats.unexpected + errors.length,
      skipped: stats.skipped,
    },
    startedOn: new Date(stats.startTime),
    finishedOn: new Date(Date.parse(stats.startTime) + stats.duration),
  }),
);

/** From 90 of 100 on, Lighthouse calls a score good. A category that was not measured counts as failed. */
const lighthouseThreshold = 0.9;
const lighthouseCategories = ["performance", "accessibility", "best-practices", "seo"];
const lighthouse = format(
  "Lighthouse's JSON (--output=json): fetchTime, and categories with their scores",
  z.object({
    fetchTime: z.iso.datetime(),
    categories: z.record(z.string(), z.object({ score: z.number().min(0).max(1).nullable() })),
  }),
  ({ fetchTime, categories }) => {
    const failures = lighthouseCategories
      .map((name) => ({ name, score: categories[name]?.score ?? undefined }))
      .filter(({ score }) => score === undefined || score < lighthouseThreshold)
      .map(
        ({ name, score }) =>
          `${name} ${score === undefined ? "not measured" : Math.round(score * 100)} (allowed: ${lighthouseThreshold * 100})`,
      );
    return {
      tool: "lighthouse",
      counts: { passed: lighthouseCategories.length - failures.length, failed: failures.length, skipped: 0 },
      startedOn: new Date(fetchTime),
      finishedOn: new Date(fetchTime),
      failures,
    };
  },
);

/** High and critical vulnerabilities fail the audit; lesser ones are counted as skipped. */
const audit = format(
  "npm's JSON (npm audit --json): metadata with vulnerabilities by severity and dependencies",
  z.object({
    metadata: z.object({
      vulnerabilities: z.object({ info: count, low: count, moderate: count, high: count, critical: count }),
      dependencies: z.object({ total: count }),
    }),
  }),
  ({ metadata: { vulnerabilities: found, dependencies } }) => {
    const failed = found.high + found.critical;
    const skipped = found.info + found.low + found.moderate;
    return {
      tool: "npm audit",
      counts: { passed: Math.max(0, dependencies.total - failed - skipped), failed, skipped },
    };
  },
);

/** Checks by name; one that is required and was not made counts as failed. */
const checks = (...required: string[]) =>
  format(
    `a list of checks: {"checks": [{"name": "${required[0] ?? "no warnings"}", "passed": true}, …]}${required.length > 0 ? `, with ${required.join(" and ")}` : ""}`,
    z.object({ checks: z.array(z.object({ name: z.string().min(1), passed: z.boolean() })) }),
    (list) => {
      const failed = list.checks.filter(({ passed }) => !passed).map(({ name }) => name);
      const missing = required
        .filter((name) => !list.checks.some((check) => check.name === name))
        .map((name) => `${name} (not checked)`);
      return {
        tool: "checks",
        counts: {
          passed: list.checks.length - failed.length,
          failed: list.checks.length === 0 ? 0 : failed.length + missing.length,
          skipped: 0,
        },
        failures: [...failed, ...missing],
      };
    },
  );

const qualityGate = format(
  'a verdict: {"overall_status": "PASS"} or "BLOCK"',
  z.object({ overall_status: z.enum(["PASS", "BLOCK"]) }),
  ({ overall_status: status }) => ({
    tool: "quality gate",
    counts: { passed: status === "PASS" ? 1 : 0, failed: status === "PASS" ? 0 : 1, skipped: 0 },
    failures: status === "PASS" ? [] : [`overall_status=${status}`],
  }),
);

const formats: Readonly<Record<EvidenceKind, readonly Format[]>> = {
  unit: [mocha, jest],
  e2e: [playwright, mocha, jest],
  lighthouse: [lighthouse],
  audit: [audit],
  build: [checks("no warnings", "size budget")],
  migrations: [checks("apply", "revert")],
  "quality-gate": [qualityGate, checks()],
};

/**
 * Reads a report of a kind.
 *
 * @param file its name, for messages
 * @throws UserError when it is none that this kind can be, or nothing ran
 */
export function readReport(kind: EvidenceKind, file: string, text: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError(`${file} is not JSON. Expected for ${kind}: ${looksOf(kind)}.`);
  }
  const results = formats[kind].map((one) => one.read(value));
  const read = results.find((result) => result.success);
  if (read === undefined) {
    throw new UserError(
      `${file} is no report of ${kind} (${nearestFault(results)}). Expected: ${looksOf(kind)}.`,
    );
  }
  const { passed, failed } = read.report.counts;
  if (passed + failed === 0) {
    throw new UserError(
      `${file} reports that nothing ran: 0 passed, 0 failed. Zero tests prove nothing; check which ones the run selected.`,
    );
  }
  return read.report;
}

function looksOf(kind: EvidenceKind): string {
  return formats[kind].map(({ looks }) => looks).join("; or ");
}

/** The first fault against the format that has the fewest. */
function nearestFault(results: readonly ReturnType<Format["read"]>[]): string {
  const errors = results.flatMap((result) => (result.success ? [] : [result.error]));
  const [nearest] = errors.sort((a, b) => a.issues.length - b.issues.length);
  const issue = nearest?.issues[0];
  return `${issue?.path.join(".") || "the whole"}: ${issue?.message ?? "unknown"}`;
}
