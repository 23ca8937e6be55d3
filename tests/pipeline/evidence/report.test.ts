import assert from "node:assert/strict";
import fc from "fast-check";
import { readReport } from "../../../pipeline/evidence/report";
import { UserError } from "../../../pipeline/user-error";
import { evidenceKinds, type EvidenceKind } from "../../../policy/attestation/statement";
import { mochaReport } from "./support";

const start = new Date("2026-11-21T10:00:00.000Z");
const end = new Date("2026-11-21T10:00:01.500Z");
const read = (kind: EvidenceKind, report: unknown) => readReport(kind, "r.json", JSON.stringify(report));

const vitest = {
  numTotalTests: 6,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 2,
  numTodoTests: 1,
  success: true,
  startTime: start.getTime(),
  testResults: [{ name: "a", endTime: end.getTime() }, { name: "b" }],
};
const playwright = {
  config: {},
  suites: [],
  errors: [] as unknown[],
  stats: { startTime: start.toISOString(), duration: 1500, expected: 4, skipped: 1, unexpected: 2, flaky: 1 },
};
const scores = { performance: 0.97, accessibility: 1, "best-practices": 0.9, seo: 0.91 };
const lighthouse = (changed: Record<string, number | null | undefined> = {}) => ({
  lighthouseVersion: "12.0.0",
  fetchTime: start.toISOString(),
  categories: Object.fromEntries(
    Object.entries({ ...scores, ...changed })
      .filter(([, score]) => score !== undefined)
      .map(([name, score]) => [name, { id: name, score }]),
  ),
});
const audit = (found: object) => ({
  auditReportVersion: 2,
  metadata: {
    vulnerabilities: { info: 0, low: 0, moderate: 0, high: 0, critical: 0, total: 0, ...found },
    dependencies: { prod: 100, dev: 210, total: 310 },
  },
});

describe("reports of test tools", () => {
  it("are read from mocha", () => {
    assert.deepEqual(read("unit", mochaReport(end)), {
      tool: "mocha",
      counts: { passed: 12, failed: 0, skipped: 1 },
      startedOn: start,
      finishedOn: end,
    });
  });

  it("are read from Vitest and Jest; a file that did not load is a failure", () => {
    assert.deepEqual(read("unit", vitest), {
      tool: "vitest",
      counts: { passed: 3, failed: 0, skipped: 3 },
      startedOn: start,
      finishedOn: end,
    });
    assert.deepEqual(read("unit", { ...vitest, success: false }).counts, {
      passed: 3,
      failed: 1,
      skipped: 3,
    });
  });

  it("are read from Playwright; errors outside of tests are failures", () => {
    assert.deepEqual(read("e2e", playwright), {
      tool: "playwright",
      counts: { passed: 5, failed: 2, skipped: 1 },
      startedOn: start,
      finishedOn: end,
    });
    assert.equal(read("e2e", { ...playwright, errors: [{ message: "no browser" }] }).counts.failed, 3);
  });

  it("are read from Lighthouse, whose scores are to be 90 at least", () => {
    assert.deepEqual(read("lighthouse", lighthouse()), {
      tool: "lighthouse",
      counts: { passed: 4, failed: 0, skipped: 0 },
      startedOn: start,
      finishedOn: start,
      failures: [],
    });
    const low = read("lighthouse", lighthouse({ performance: 0.89, seo: undefined, accessibility: null }));
    assert.deepEqual(low.counts, { passed: 1, failed: 3, skipped: 0 });
    assert.deepEqual(low.failures, [
      "performance 89 (allowed: 90)",
      "accessibility not measured (allowed: 90)",
      "seo not measured (allowed: 90)",
    ]);
  });

  it("are read from npm audit; high and critical vulnerabilities are failures", () => {
    assert.deepEqual(read("audit", audit({ low: 3, moderate: 2 })), {
      tool: "npm audit",
      counts: { passed: 305, failed: 0, skipped: 5 },
    });
    assert.equal(read("audit", audit({ high: 1, critical: 2 })).counts.failed, 3);
  });

  it("are read from lists of checks", () => {
    const checks = [
      { name: "no warnings", passed: true },
      { name: "size budget", passed: false },
    ];
    for (const kind of ["build", "quality-gate"] as const) {
      assert.deepEqual(read(kind, { checks }), {
        tool: "checks",
        counts: { passed: 1, failed: 1, skipped: 0 },
        failures: ["size budget"],
      });
    }
  });

  it("of the build and of migrations have checks that must be there: no warnings and the size, there and back", () => {
    assert.deepEqual(read("build", { checks: [{ name: "no warnings", passed: true }] }), {
      tool: "checks",
      counts: { passed: 1, failed: 1, skipped: 0 },
      failures: ["size budget (not checked)"],
    });
    const there = { name: "apply", passed: true };
    assert.deepEqual(read("migrations", { checks: [there] }).failures, ["revert (not checked)"]);
    assert.deepEqual(read("migrations", { checks: [there, { name: "revert", passed: true }] }).counts, {
      ...{ passed: 2, failed: 0, skipped: 0 },
    });
  });

  it("are read from a quality gate's verdict", () => {
    assert.deepEqual(read("quality-gate", { overall_status: "PASS" }).counts, {
      ...{ passed: 1, failed: 0, skipped: 0 },
    });
    assert.deepEqual(read("quality-gate", { overall_status: "BLOCK" }), {
      tool: "quality gate",
      counts: { passed: 0, failed: 1, skipped: 0 },
      failures: ["overall_status=BLOCK"],
    });
  });

  it("prove nothing when nothing ran", () => {
    const told = new UserError(
      "r.json reports that nothing ran: 0 passed, 0 failed. Zero tests prove nothing; check which ones the run selected.",
    );
    assert.throws(() => read("unit", mochaReport(end, { passes: 0, pending: 13 })), told);
    assert.throws(() => read("quality-gate", { checks: [] }), told);
  });

  it("are refused with the file's name, what is wrong and what was expected", () => {
    const lighthouseLooks = "Lighthouse's JSON (--output=json): fetchTime, and categories with their scores";
    const auditLooks =
      "npm's JSON (npm audit --json): metadata with vulnerabilities by severity and dependencies";
    const cases: [EvidenceKind, string, string][] = [
      ["lighthouse", "{", `r.json is not JSON. Expected for lighthouse: ${lighthouseLooks}.`],
      [
        "lighthouse",
        JSON.stringify(mochaReport(end)),
        `r.json is no report of lighthouse (fetchTime: Invalid input: expected string, received undefined). Expected: ${lighthouseLooks}.`,
      ],
      [
        "audit",
        '{"error": {"code": "ENOLOCK"}}',
        `r.json is no report of audit (metadata: Invalid input: expected object, received undefined). Expected: ${auditLooks}.`,
      ],
    ];
    for (const [kind, text, message] of cases) {
      assert.throws(() => readReport(kind, "r.json", text), new UserError(message));
    }
  });

  it("are read or refused, whatever the file holds", () => {
    fc.assert(
      fc.property(fc.constantFrom(...evidenceKinds), fc.oneof(fc.string(), fc.json()), (kind, text) => {
        assert.throws(() => readReport(kind, "r.json", text), UserError);
      }),
      { numRuns: 1000 },
    );
  });
});
