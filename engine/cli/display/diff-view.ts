/** `--diff`: every step with its properties, in the order of the events (pkg/backend/display/diff.go). */
import type { EngineEvent, StepEvent, Urn } from "../../model";
import { STACK_TYPE, nameOf, splitReference, splitUrn } from "../../deploy/urn";
import { isUnknown } from "../../values";
import type { Display } from "./display";
import { actionLabel, displayType, isShown, printOptions, type DisplayOptions } from "./options";
import { diffProperties } from "./property-diff";
import { PropertyPrinter } from "./property-printer";
import { prefixed, type Summary } from "./rows";
import { outputsText, summarySection, violationText, violationTitle } from "./sections";
import { fromDetailedDiff } from "./step-diff";
import { STEP_TEXT, isReplacementHalf, paint } from "./step-text";

type StepNews = Extract<EngineEvent, { kind: "resource-pre" | "resource-outputs" }>;

export class DiffDisplay implements Display {
  private readonly seen = new Map<Urn, StepEvent>();
  private readonly packs: string[] = [];
  private summary: Summary | undefined;
  private failures = 0;

  constructor(
    private readonly options: DisplayOptions,
    /** For `details` at the prompt: steps only, without title and summary. */
    private readonly stepsOnly = false,
  ) {
    if (stepsOnly) return;
    options.out(`${options.colors.bold(`${actionLabel(options)} (${splitUrn(options.stackUrn).stack}):`)}\n`);
  }

  event(event: EngineEvent): void {
    const { out, err, mask, colors } = this.options;
    if (event.kind === "resource-pre" || event.kind === "resource-outputs") out(this.step(event));
    else if (event.kind === "resource-failed") this.failures++;
    else if (event.kind === "policy-remediation") out(this.remediation(event));
    if (this.stepsOnly) return;
    if (event.kind === "diagnostic" && event.severity !== "debug" && event.ephemeral !== true) {
      const text = mask(prefixed(event, colors));
      err(event.streamId || text.endsWith("\n") ? text : `${text}\n`);
    } else if (event.kind === "stdout") out(`${mask(event.message)}\n`);
    else if (event.kind === "policy-load")
      this.packs.push(`    ${event.name}@v${event.version} (local: ${event.path})`);
    else if (event.kind === "policy-violation") {
      const { policyPackName, policyPackVersion } = event.diagnostic;
      const pack = colors.magenta(`${policyPackName}@v${policyPackVersion}`);
      const lines = [
        `${pack} ${violationTitle(event.diagnostic, this.options)}`,
        ...violationText(event.diagnostic, this.options),
      ];
      out(lines.map((line) => `    ${line}\n`).join(""));
    } else if (event.kind === "summary") this.summary = event;
  }

  end(): void {
    if (this.stepsOnly || !this.summary) return;
    const packs =
      this.packs.length > 0
        ? `${this.options.colors.bold("Policy packs run:")}\n${this.packs.join("\n")}\n\n`
        : "";
    this.options.out(
      packs + summarySection(this.summary, this.failures, this.options).replace(/\n\n$/, "\n"),
    );
  }

  private step({ kind, step, planning }: StepNews): string {
    const { options } = this;
    if (step.internal) return "";
    const before = this.seen.get(step.urn);
    if (kind === "resource-pre") this.seen.set(step.urn, step);
    if (!step.logical && isReplacementHalf(step.op)) return "";
    if (!isShown(step, options.showSames)) return "";
    const refreshed = before?.op === "refresh";
    if (kind === "resource-pre") {
      // What a refresh or an import finds is known only afterwards.
      return step.op === "refresh" || step.op === "import"
        ? ""
        : this.heading(step) + this.details(step, false);
    }
    if (step.op === "import" || (refreshed && step.op === "update")) {
      return this.heading(step) + this.details(step, refreshed);
    }
    const indent = this.indent(step);
    const text = this.outputs(step, planning, refreshed, indent + 1);
    const heading =
      refreshed && (step.op !== "same" || text !== "" || step.type === STACK_TYPE) ? this.heading(step) : "";
    if (text === "" || options.suppressOutputs) return heading;
    return `${heading}${paint(options.colors, step.op, `${"    ".repeat(indent + 1)}--outputs:--`)}\n${text}`;
  }

  private heading(step: StepEvent): string {
    const { colors } = this.options;
    const indent = this.indent(step);
    const lock =
      step.new && !step.new.protect && step.old?.protect
        ? " 🔓"
        : step.new?.protect || step.old?.protect
          ? " 🔒"
          : "";
    const retained = step.old?.retainOnDelete === true && /delete|replace/.test(step.op) ? "[retain]" : "";
    const title = `${"    ".repeat(indent)}${STEP_TEXT[step.op].prefix}${step.type}: (${step.op}${retained})${lock}`;
    const facts = [
      ...(step.old?.id ? [`[id=${step.old.id}]`] : []),
      `[urn=${step.urn}]`,
      ...providerFact(step),
    ];
    // Facts about what stays are no change.
    const op = step.op === "create" || step.op.startsWith("delete") ? step.op : "same";
    const lines = facts.map((fact) => paint(colors, op, "    ".repeat(indent + 1) + fact));
    return [paint(colors, step.op, title), ...lines, ""].join("\n");
  }

  private details(step: StepEvent, refresh: boolean): string {
    const { old: before, new: after, op } = step;
    if (op === "same") return "";
    const printer = new PropertyPrinter(printOptions(this.options, true));
    const indent = this.indent(step) + 1;
    if (step.detailedDiff && before && after)
      return printer.diff(fromDetailedDiff(step, refresh), indent, false);
    if (before && after) {
      const byOutputs = Object.keys(after.outputs ?? {}).length > 0 && !op.startsWith("import");
      const [olds, news] = byOutputs ? [before.outputs, after.outputs] : [before.inputs, after.inputs];
      const diff = diffProperties(olds ?? {}, news ?? {});
      const include = byOutputs ? undefined : step.diffs;
      return diff
        ? printer.diff(diff, indent, true, include && include.length > 0 ? include : undefined)
        : printer.properties(news ?? {}, indent, "same");
    }
    const state = after ?? before;
    const properties = after && Object.keys(after.outputs ?? {}).length > 0 ? after.outputs : state?.inputs;
    return printer.properties(properties ?? {}, indent, op);
  }

  /** What the provider added to the inputs; in a preview only what is known for certain. */
  private outputs(step: StepEvent, planning: boolean, refreshed: boolean, indent: number): string {
    const isStack = step.type === STACK_TYPE;
    if (isStack) return this.options.kind === "destroy" ? "" : outputsText(step, this.options, indent);
    if (planning && !refreshed && !/^(read|import)/.test(step.op)) return "";
    if ((step.old?.initErrors ?? []).length > 0) return "";
    const printer = new PropertyPrinter(printOptions(this.options, true));
    const { inputs = {}, outputs = {} } = step.new ?? {};
    const added = diffProperties(refreshed ? {} : inputs, outputs);
    const changed = {
      ...added?.adds,
      ...Object.fromEntries(Object.keys(added?.updates ?? {}).map((key) => [key, outputs[key] ?? null])),
    };
    if (!step.old?.outputs) return printer.properties(changed, indent, step.op);
    const diff = diffProperties(step.old.outputs, outputs);
    return diff ? printer.diff(diff, indent, false, refreshed ? undefined : Object.keys(changed)) : "";
  }

  private remediation({
    remediation,
    urn,
    before,
    after,
  }: Extract<EngineEvent, { kind: "policy-remediation" }>): string {
    const diff = diffProperties(before, after);
    if (!diff) return "";
    const { colors } = this.options;
    const pack = colors.magenta(`${remediation.policyPackName}@v${remediation.policyPackVersion}`);
    const printer = new PropertyPrinter(printOptions(this.options, true));
    return `    ${pack} ${colors.magenta(`[remediate]  ${remediation.policyName}`)}  (${displayType(urn)}: ${nameOf(urn)})\n${printer.diff(diff, 2, false)}\n`;
  }

  private indent(step: StepEvent): number {
    let indent = 0;
    let parent = (step.new ?? step.old)?.parent;
    for (let above = parent && this.seen.get(parent); above; above = parent && this.seen.get(parent)) {
      if (isShown(above, this.options.showSames)) indent++;
      parent = (above.new ?? above.old)?.parent;
    }
    return indent;
  }
}

function providerFact(step: StepEvent): string[] {
  if (step.provider === "") return [];
  const [before, after] = [step.old?.provider, step.new?.provider];
  if (before !== undefined && after !== undefined && before !== after) {
    const { urn, id } = splitReference(after);
    return [`[provider: ${before} => ${isUnknown(id) ? `${urn}::[unknown]` : after}]`];
  }
  return nameOf(splitReference(step.provider).urn).startsWith("default")
    ? []
    : [`[provider=${step.provider}]`];
}
