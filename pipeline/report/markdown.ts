/** A report as Markdown, for a pull request. */
import { isMandatory, type Finding, type Report } from "./report";

/** A comment of GitHub's holds 65,536 characters: lists are cut before. */
const longestPlan = 100;
const longestOpen = 50;

export function toMarkdown(report: Report): string {
  const { stack, preview, succeeded, changes, plan, violations, waived, notEvaluated, notes, errors } =
    report;
  const verdict = succeeded ? "passes every gate" : `does not pass: ${count(violations.length, "violation")}`;
  const counts = Object.entries(changes).map(([op, amount]) => `${amount} ${op}`);
  return [
    `## ${preview ? "Preview" : "Update"} of ${stack}: ${verdict}`,
    counts.length === 0 ? "No plan was made." : `Resources: ${counts.join(", ")}.`,
    ...section("Violations", violations.map(item)),
    ...section(
      "Errors",
      errors.map((error) => `- ${escape(error)}`),
    ),
    ...section("Waived", waived.map(item)),
    ...section("Notes", notes.map(item)),
    ...folded(
      `Plan: ${count(plan.length, "change")}`,
      plan.map(({ op, type, name }) => `- ${op} \`${type}\` ${escape(name)}`),
      longestPlan,
    ),
    ...folded(
      `Not evaluated: ${notEvaluated.length}, judged in the update before each resource is touched`,
      notEvaluated.map((line) => `- ${escape(line)}`),
      longestOpen,
    ),
    "",
  ].join("\n\n");
}

function item(finding: Finding): string {
  const { policy, level, severity, message } = finding;
  const weight = isMandatory(finding) ? severity : `${level}, ${severity}`;
  return `- **[${policy}](docs/policy.md#${policy})** (${weight}): ${escape(message)}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`### ${title}`, lines.join("\n")];
}

function folded(title: string, lines: readonly string[], most: number): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, most);
  const rest = lines.length - shown.length;
  const more = rest === 0 ? [] : [`- and ${rest} more`];
  return [`<details><summary>${title}</summary>`, [...shown, ...more].join("\n"), "</details>"];
}

/** Names and messages are text: they must make no link, mention or tag. */
function escape(text: string): string {
  return text
    .replaceAll("\n", " ")
    .replaceAll(/[<>&]/g, (character) => ({ "<": "&lt;", ">": "&gt;", "&": "&amp;" })[character] ?? "")
    .replaceAll(/([\\`*_[\]|])/g, "\\$1")
    .replaceAll("@", "@\u200b");
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
