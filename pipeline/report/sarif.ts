/** A report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0), for code scanning. */
import { createHash } from "node:crypto";
import { isMandatory, type Finding, type Report } from "./report";

/** As code scanning ranks security findings, from 0 to 10. */
const scores: Readonly<Record<string, string>> = { critical: "9.5", high: "8.0", medium: "5.5", low: "3.0" };

/** Resources have no line in a file: each finding points to the stack's configuration, and names the resource beside it. */
export function toSarif(report: Report): object {
  const findings = [...report.violations, ...report.waived, ...report.notes];
  const rules = [...new Map(findings.map((finding) => [finding.policy, finding])).values()].sort((a, b) =>
    a.policy < b.policy ? -1 : 1,
  );
  const file = `Pulumi.${report.stack}.yaml`;
  const indexOf = (policy: string): number => rules.findIndex((rule) => rule.policy === policy);
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "slipway", rules: rules.map(toRule) } },
        automationDetails: { id: `slipway/${report.stack}/` },
        results: [
          ...findings.map((finding) => ({
            ruleId: finding.policy,
            ruleIndex: indexOf(finding.policy),
            kind: "fail",
            level: isMandatory(finding) ? "error" : "warning",
            message: { text: finding.message },
            locations: [
              {
                physicalLocation: { artifactLocation: { uri: file }, region: { startLine: 1 } },
                logicalLocations: [{ name: finding.name, fullyQualifiedName: finding.urn, kind: "resource" }],
              },
            ],
            partialFingerprints: { "finding/v1": fingerprint(finding) },
            ...(report.waived.includes(finding) && {
              suppressions: [
                { kind: "external", status: "accepted", justification: firstClause(finding.message) },
              ],
            }),
          })),
          ...report.notEvaluated.map((line) => ({
            kind: "open",
            level: "none",
            message: { text: `Not evaluated before the update: ${line}` },
            locations: [{ physicalLocation: { artifactLocation: { uri: file } } }],
          })),
        ],
      },
    ],
  };
}

function toRule({ policy, description, severity }: Finding): object {
  return {
    id: policy,
    shortDescription: { text: description || policy },
    help: {
      text: `See docs/policy.md#${policy}.`,
      markdown: `See [docs/policy.md](docs/policy.md#${policy}).`,
    },
    defaultConfiguration: { level: "error" },
    properties: { "security-severity": scores[severity] ?? scores["medium"], tags: ["security"] },
  };
}

/** The same finding has the same one in every run, whatever its message says of values. */
function fingerprint({ policy, urn, message }: Finding): string {
  const what = message.replaceAll(/\([^)]*\)/g, "").split(". ")[0];
  return createHash("sha256").update(`${policy}\n${urn}\n${what}`).digest("hex").slice(0, 32);
}

function firstClause(message: string): string {
  return message.split(": ")[0] ?? message;
}
