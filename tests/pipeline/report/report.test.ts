import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { toMarkdown } from "../../../pipeline/report/markdown";
import { readReport } from "../../../pipeline/report/report";
import { toSarif } from "../../../pipeline/report/sarif";
import { toSummary } from "../../../pipeline/report/summary";

const urn = (type: string, name: string) =>
  `urn:pulumi:staging::slipway::slipway:backbone:AwsBackbone$${type}::${name}`;
const database = urn("aws:rds/instance:Instance", "postgres");
const policy = (policyName: string, message: string, changes: object = {}) => ({
  policyEvent: {
    resourceUrn: database,
    message,
    color: "never",
    policyName,
    policyPackName: "slipway",
    enforcementLevel: "mandatory",
    severity: "high",
    ...changes,
  },
});
const step = (op: string, type: string, name: string) => ({
  resourcePreEvent: { metadata: { op, urn: urn(type, name), type }, planning: true },
});
const summary = { summaryEvent: { isPreview: true, resourceChanges: { same: 1, create: 2 } } };
const log = (...events: object[]) =>
  events.map((event, sequence) => JSON.stringify({ sequence, timestamp: 0, ...event })).join("\n") + "\n";

const steps = [
  step("same", "aws:ec2/vpc:Vpc", "network"),
  step("create", "aws:rds/instance:Instance", "postgres"),
  step("create", "aws:kms/key:Key", "key"),
];
const backups = policy(
  "aws-require-backups",
  'Data has backups.\nDatabase "postgres" keeps its backups too short a time (backupRetentionPeriod: 1). Allowed: 7 to 35 days. Set backupRetentionPeriod.',
);
const coloured = policy(
  "aws-disallow-public-access",
  '<{%fg 1%}>Nothing is public.<{%reset%}>\n\u001b[31mDatabase "postgres" gets a public address @everyone <b>.\u001b[0m Allowed: false.',
  { severity: "critical" },
);
const waived = policy(
  "aws-require-logs",
  'What happened can be read.\nWaived by ops@example.com until 2026-12-10 (OPS-1): Database "postgres" keeps its log to itself.',
  { enforcementLevel: "advisory", severity: "medium" },
);
const open = policy(
  "pack-list-not-evaluated",
  'Not evaluated: …\n2 to judge in the update:\n  aws-require-logs: "b" x\n  aws-require-logs: "a" y',
  { enforcementLevel: "advisory", severity: "low", resourceUrn: "" },
);
const full = log(...steps, backups, coloured, waived, open, backups, summary);

describe("reports of an update", () => {
  it("read the same from a log in any order: the grave first, each finding once", () => {
    const report = readReport(full);
    assert.deepEqual(
      readReport(log(open, waived, coloured, backups, ...steps.toReversed(), summary)),
      report,
    );
    assert.equal(report.stack, "staging");
    assert.equal(report.succeeded, false);
    assert.deepEqual(
      report.violations.map(({ policy: rule, severity, name, type }) => [rule, severity, name, type]),
      [
        ["aws-disallow-public-access", "critical", "postgres", "aws:rds/instance:Instance"],
        ["aws-require-backups", "high", "postgres", "aws:rds/instance:Instance"],
      ],
    );
    assert.equal(
      report.violations[0]?.message,
      'Database "postgres" gets a public address @everyone <b>. Allowed: false.',
    );
    assert.deepEqual(report.changes, { create: 2, same: 1 });
    assert.deepEqual(
      report.plan.map(({ op, name }) => `${op} ${name}`),
      ["create key", "create postgres"],
    );
    assert.deepEqual(report.notEvaluated, ['aws-require-logs: "a" y', 'aws-require-logs: "b" x']);
    assert.equal(report.waived.length, 1);
  });

  it("say nothing in the terminal when all passes, and each violation with its remedy when not", () => {
    assert.deepEqual(toSummary(readReport(log(...steps, open, summary))), []);
    assert.equal(readReport(log(...steps, open, summary)).succeeded, true);
    assert.deepEqual(toSummary(readReport(full)), [
      "critical  aws-disallow-public-access",
      '    Database "postgres" gets a public address @everyone <b>. Allowed: false.',
      "high  aws-require-backups",
      '    Database "postgres" keeps its backups too short a time (backupRetentionPeriod: 1). Allowed: 7 to 35 days. Set backupRetentionPeriod.',
      "waived  aws-require-logs: Waived by ops@example.com until 2026-12-10 (OPS-1)",
      "2 violations, 1 waived, 2 not evaluated",
    ]);
  });

  it("fail where the engine failed, or never came to an end", () => {
    const failed = { diagnosticEvent: { severity: "error", message: "error: no such zone\n" } };
    assert.deepEqual(readReport(log(failed, summary)).errors, ["error: no such zone"]);
    assert.equal(readReport(log(failed, summary)).succeeded, false);
    assert.equal(readReport(log(...steps)).succeeded, false);
    assert.throws(() => readReport("{}\nnope\n"), new Error("Line 2 of the event log is no JSON."));
  });

  it("are SARIF 2.1.0 by its schema, waived findings suppressed, open ones apart", () => {
    const text = readFileSync("tests/pipeline/report/sarif-2.1.0-rtm.5.json", "utf8");
    // Ajv knows no draft 4; what this schema uses of it is the same in draft 7, but for the name of its id.
    const schema: Record<string, unknown> = {
      ...(JSON.parse(text) as object),
      id: undefined,
      $schema: undefined,
    };
    const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
    for (const events of [full, log(...steps, summary), ""]) {
      const sarif = toSarif(readReport(events));
      assert.ok(validate(sarif), JSON.stringify(validate.errors));
    }
    assert.ok(!validate({ version: "2.1.0", runs: [{}] }), "the schema refuses what is none");
    const { runs } = toSarif(readReport(full)) as {
      runs: { results: { ruleId?: string; kind: string; level: string; suppressions?: object[] }[] }[];
    };
    assert.deepEqual(
      runs[0]?.results.map(({ ruleId, kind, level, suppressions }) => [
        ruleId,
        kind,
        level,
        suppressions?.length,
      ]),
      [
        ["aws-disallow-public-access", "fail", "error", undefined],
        ["aws-require-backups", "fail", "error", undefined],
        ["aws-require-logs", "fail", "warning", 1],
        [undefined, "open", "none", undefined],
        [undefined, "open", "none", undefined],
      ],
    );
  });

  it("are Markdown in which names and messages stay text", () => {
    const markdown = toMarkdown(readReport(full));
    assert.match(
      markdown,
      /^## Preview of staging: does not pass: 2 violations\n\nResources: 2 create, 1 same\./,
    );
    assert.match(markdown, /\(critical\): .*public address @\u200beveryone &lt;b&gt;/);
    assert.match(markdown, /### Waived\n\n- \*\*\[aws-require-logs\]/);
    assert.match(markdown, /<summary>Plan: 2 changes<\/summary>\n\n- create `aws:kms\/key:Key` key\n/);
    assert.match(markdown, /<summary>Not evaluated: 2, judged in the update/);
    assert.match(
      toMarkdown(readReport(log(...steps, summary))),
      /^## Preview of staging: passes every gate\n/,
    );
  });
});
