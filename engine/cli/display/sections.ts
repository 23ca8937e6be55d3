/** What follows the rows: policies, diagnostics, outputs, summary. Each is "" when there is nothing to tell. */
import { nameOf } from "../../deploy/urn";
import type { EnforcementLevel, PolicyDiagnostic, StepEvent, StepOp } from "../../model";
import { count, displayType, printOptions, type DisplayOptions } from "./options";
import { diffProperties, isInternalKey } from "./property-diff";
import { PropertyPrinter } from "./property-printer";
import { prefixed, type Row, type Rows, type Summary } from "./rows";
import { outputsOf, withoutUnknownUpdates } from "./step-diff";
import { STEP_TEXT, paint } from "./step-text";

const LEVELS: EnforcementLevel[] = ["remediate", "mandatory", "advisory", "disabled"];
const SEVERITIES = ["critical", "high", "medium", "low", ""];
/** Reads are no change to the stack. */
const NOT_COUNTED: ReadonlySet<string> = new Set(["same", "read", "discard", "read-replacement"]);

/** True for a violation that fails the update. */
export const isMandatory = ({ enforcementLevel }: PolicyDiagnostic): boolean =>
  enforcementLevel === "mandatory" || enforcementLevel === "remediate";

/** All of them, in the CLI's order. A mandatory violation is the last word: no summary follows it. */
export function closingSections(rows: Rows, options: DisplayOptions): string {
  const errored = [...rows.all.values()].filter((row) => rows.errorCount(row) > 0).length;
  const summary = rows.summary && !rows.violations.some(isMandatory) ? rows.summary : undefined;
  return [
    policiesSection(rows, options),
    diagnosticsSection(rows, options),
    outputsSection(rows, options),
    summary ? summarySection(summary, errored, options) : "",
  ].join("");
}

/** Every pack that ran, what it mended, what it found: pack, level, severity, policy, resource, message, remedy. */
function policiesSection(rows: Rows, options: DisplayOptions): string {
  const { colors } = options;
  const lines: string[] = [];
  for (const pack of [...rows.packs].sort((a, b) => a.name.localeCompare(b.name))) {
    const found = rows.violations
      .filter(({ policyPackName }) => policyPackName === pack.name)
      .sort(byGravity);
    const verdict = found.some(isMandatory) ? "❌" : found.length > 0 ? "⚠️" : "✅";
    lines.push(`    ${verdict} ${colors.magenta(`${pack.name}@v${pack.version}`)} (local: ${pack.path})`);
    const mended = rows.remediations.filter(({ remediation }) => remediation.policyPackName === pack.name);
    const names = [...new Set(mended.map(({ remediation }) => remediation.policyName))].sort();
    for (const name of names) {
      const amount = mended.filter(({ remediation }) => remediation.policyName === name).length;
      lines.push(`        - ${colors.magenta(`[remediate]  ${name}`)}  (${count(amount, "resource")})`);
    }
    for (const violation of found) {
      lines.push(`        - ${violationTitle(violation, options)}`);
      lines.push(...violationText(violation, options).map((line) => `          ${line}`));
    }
  }
  return section("Policies", lines, options);
}

/** `[mandatory] [severity: high]  policy  (type: name)`. */
export function violationTitle(violation: PolicyDiagnostic, { colors }: DisplayOptions): string {
  const color = isMandatory(violation) ? colors.red : colors.yellow;
  const severity = violation.severity ? ` [severity: ${violation.severity}]` : "";
  return `${color(`[${violation.enforcementLevel}]${severity}  ${violation.policyName}`)}${resourceClause(violation.urn)}`;
}
/** The message, and what to do about it, line by line. */
export function violationText(
  { message, remediationSteps }: PolicyDiagnostic,
  { mask }: DisplayOptions,
): string[] {
  const remedy = remediationSteps ? [`Remedy: ${remediationSteps}`] : [];
  return [message, ...remedy].flatMap((text) => textLines(mask(text)));
}

/** A stack policy may name no resource. */
const resourceClause = (urn: string): string => (urn === "" ? "" : `  (${displayType(urn)}: ${nameOf(urn)})`);

const rank = (list: readonly string[], item: string): number =>
  list.includes(item) ? list.indexOf(item) : list.length;
const byGravity = (a: PolicyDiagnostic, b: PolicyDiagnostic): number =>
  rank(LEVELS, a.enforcementLevel) - rank(LEVELS, b.enforcementLevel) ||
  rank(SEVERITIES, a.severity ?? "") - rank(SEVERITIES, b.severity ?? "") ||
  a.policyName.localeCompare(b.policyName) ||
  a.urn.localeCompare(b.urn);

/** All that was said, by resource, in the order in which it was said. */
function diagnosticsSection(rows: Rows, options: DisplayOptions): string {
  const lines = [...rows.all.values()].flatMap((row) => {
    const said = streams(row, options)
      .map((stream) => textLines(options.mask(stream)).map((line) => `    ${line.trimEnd()}`))
      .filter((stream) => stream.length > 0);
    if (said.length === 0) return [];
    return [
      options.colors.blue(`  ${displayType(row.urn)} (${nameOf(row.urn)}):`),
      ...said.flatMap((stream) => [...stream, ""]),
    ];
  });
  lines.pop();
  return section("Diagnostics", lines, options);
}

/** A program's output comes in pieces, told apart from other messages by the stream's number. */
function streams(row: Row, { colors }: DisplayOptions): string[] {
  const texts = new Map<number, string>();
  const add = (id: number, text: string): void => void texts.set(id, (texts.get(id) ?? "") + text);
  for (const diagnostic of row.diagnostics) {
    if (diagnostic.ephemeral === true) continue;
    const id = diagnostic.streamId ?? 0;
    add(id, id === 0 ? `${prefixed(diagnostic, colors).trimEnd()}\n` : diagnostic.message);
  }
  return [...texts.values()];
}

/** Lines without the blank ones at the end. */
function textLines(text: string): string[] {
  const trimmed = text.replace(/\s+$/, "");
  return trimmed === "" ? [] : trimmed.split("\n");
}

/** The stack's outputs: all of them after an update, in a preview those that change. */
function outputsSection(rows: Rows, options: DisplayOptions): string {
  const step = [...rows.stack.finished.values()].at(-1);
  if (!step || options.suppressOutputs || options.kind === "destroy") return "";
  const text = outputsText(step, options, 1);
  return text === "" ? "" : `${options.colors.bold("Outputs:")}\n${text}\n`;
}

/** Of any resource, or of the stack, whose outputs are worth seeing even unchanged. */
export function outputsText(step: StepEvent, options: DisplayOptions, indent: number): string {
  const printer = new PropertyPrinter(printOptions(options, true));
  const news = Object.fromEntries(Object.entries(outputsOf(step.new)).filter(([key]) => !isInternalKey(key)));
  if (!step.old) return printer.properties(news, indent, step.op);
  const diff = diffProperties(outputsOf(step.old), news);
  const shown = options.preview && diff ? withoutUnknownUpdates(diff) : diff;
  if (shown) return printer.diff(shown, indent, !options.preview || options.showSames);
  return options.preview && !options.showSames ? "" : printer.properties(news, indent, "same");
}

/** `errored`: how many resources had an error. */
export function summarySection(summary: Summary, errored: number, options: DisplayOptions): string {
  const { colors } = options;
  const changes = (Object.entries(summary.changes) as [StepOp, number][]).filter(([, amount]) => amount > 0);
  const order = Object.keys(STEP_TEXT);
  const kinds = changes
    .filter(([op]) => !NOT_COUNTED.has(op))
    .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  const lines = kinds.map(
    ([op, amount]) =>
      `    ${paint(colors, op, `${STEP_TEXT[op].prefix}${amount} ${summary.preview ? `to ${op}` : STEP_TEXT[op].past}`)}`,
  );
  const total = kinds.reduce((sum, [, amount]) => sum + amount, 0);
  const sames = summary.changes.same ?? 0;
  const totals = [
    ...(kinds.length > 1 ? [colors.bold(count(total, "change"))] : []),
    ...(sames > 0 ? [`${sames} unchanged`] : []),
  ];
  if (totals.length > 0) lines.push(`    ${totals.join(". ")}`);
  if (errored > 0) lines.push(`    ${colors.red(`${errored} errored`)}`);
  const resources = section("Resources", lines, options, true);
  return summary.preview
    ? resources
    : `${resources}${colors.bold("Duration:")} ${duration(summary.durationMs)}\n\n`;
}

/** Whole seconds, rounded up: `3s`, `1m5s`, `1h0m2s`. */
function duration(milliseconds: number): string {
  const total = Math.ceil(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  return (hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : "") + `${total % 60}s`;
}

function section(title: string, lines: string[], { colors }: DisplayOptions, always = false): string {
  if (lines.length === 0 && !always) return "";
  return [colors.bold(`${title}:`), ...lines, "", ""].join("\n");
}
