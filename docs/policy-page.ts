/** The page on the policy pack, from the rules' own metadata. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Rule } from "../policy/rule";
import { clauses } from "./clauses";
import { notAdopted } from "./not-adopted";

const folder = resolve("policy/rules");

/** Every rule of the pack by name. */
export async function allRules(): Promise<Rule[]> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const rules = await Promise.all(
    files.map(async (file) => Object.values((await import(join(folder, file))) as Record<string, Rule>)),
  );
  return rules.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The page as Markdown, before it is formatted. */
export function policyPage(rules: readonly Rule[]): string {
  const areas = [...new Set(rules.map(({ name }) => name.split("-")[0] ?? ""))];
  return [
    "<!-- Made by `npm run docs` from the rules' metadata. -->",
    "# The policy pack",
    "What every release passes, rule by rule. Levels and settings of a stack are in `policy/config/<stack>.json`. `remediate` counts as mandatory.",
    "A value that only the update will know: `closed` is refused, `later` is listed as not evaluated and judged in the update, `fits` passes.",
    "## Clauses",
    "Every gating clause of the project's source documents, and what enforces it.",
    table(
      ["document", "clause", "rules", "enforced elsewhere"],
      clauses.map(({ document, clause, rules: names, elsewhere = "" }) => [
        document,
        clause,
        names.map((name) => `[${name}](#${name})`).join(", "),
        elsewhere,
      ]),
    ),
    ...areas.flatMap((area) => [
      `## Rules: ${area}`,
      ...rules.filter(({ name }) => name.startsWith(`${area}-`)).flatMap(section),
    ]),
    "## Equivalents",
    "The checks of Checkov (CKV), Trivy (AWS, DS) and KICS (the first eight digits of a query's id) that each rule covers.",
    table(
      ["rule", "Checkov", "Trivy", "KICS"],
      rules
        .filter(({ equivalents = [] }) => equivalents.length > 0)
        .map(({ name, equivalents = [] }) => [
          `[${name}](#${name})`,
          ...["CKV", "AWS-|DS-", "KICS-"].map((prefix) =>
            equivalents
              .filter((id) => new RegExp(`^(${prefix})`).test(id))
              .map((id) => id.replace("KICS-", ""))
              .join(", "),
          ),
        ]),
    ),
    "### Not adopted",
    table(["checks", "what they ask for", "why not"], notAdopted),
  ].join("\n\n");
}

function section(rule: Rule): string[] {
  const { name, displayName, description, severity, enforcementLevel, remediationSteps, seed } = rule;
  const { unknown, waivable } = rule;
  const options = Object.entries(rule.configSchema?.properties ?? {});
  return [
    `### ${name}`,
    `**${displayName}.** ${description}`,
    `Severity ${severity}, ${enforcementLevel}; unknown values: ${unknown}; ${waivable ? "can be waived" : "cannot be waived"}. Clause: ${seed}.`,
    `Mend: ${remediationSteps}`,
    ...(options.length === 0
      ? []
      : [
          table(
            ["setting", "default", "meaning"],
            options.map(([key, option]) => [`\`${key}\``, code(option.default), option.description ?? ""]),
          ),
        ]),
  ];
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value).replaceAll("|", "\\|")}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("\n", " ").replaceAll(/(?<!\\)\|/g, "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
