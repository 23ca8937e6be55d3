/** What a progress display knows: one row for each resource that something was heard of, brought up to date event by event. */
import type { Colors } from "picocolors/types";
import { nameOf, typeOf } from "../../deploy/urn";
import type { EngineEvent, PolicyDiagnostic, StepEvent, StepOp, Urn } from "../../model";
import { displayType, isShown, type DisplayOptions } from "./options";
import { shortDiff } from "./step-diff";
import { STEP_TEXT, isReplacementHalf, paint } from "./step-text";

export type Diagnostic = Extract<EngineEvent, { kind: "diagnostic" }>;
export type Summary = Extract<EngineEvent, { kind: "summary" }>;
type PolicyLoad = Extract<EngineEvent, { kind: "policy-load" }>;
type Remediation = Extract<EngineEvent, { kind: "policy-remediation" }>;

export interface Row {
  urn: Urn;
  step: StepEvent;
  /** Steps of this resource that are done, by operation. */
  finished: Map<StepOp, StepEvent>;
  failed: boolean;
  hidden: boolean;
  diagnostics: Diagnostic[];
  startedAt?: number;
  durationMs?: number;
}

export class Rows {
  readonly all = new Map<Urn, Row>();
  readonly sames = new Set<Urn>();
  readonly violations: PolicyDiagnostic[] = [];
  readonly remediations: Remediation[] = [];
  readonly packs: PolicyLoad[] = [];
  readonly stack: Row;
  summary?: Summary;
  /** Everything has been heard: what still runs was interrupted. */
  done = false;

  constructor(
    private readonly options: DisplayOptions,
    /** One line per resource: a replacement is one `replace` before and after, its halves only while they run. */
    private readonly tree: boolean,
  ) {
    this.stack = this.row(options.stackUrn);
    this.stack.hidden = false;
  }

  /** Takes an event in; answers the row to show anew, if any. */
  apply(event: EngineEvent): Row | undefined {
    switch (event.kind) {
      case "diagnostic":
        return event.severity === "debug" ? undefined : this.diagnose(event);
      case "resource-pre":
      case "resource-outputs":
      case "resource-failed":
        return this.step(event);
      case "policy-violation":
        this.violations.push(event.diagnostic);
        return undefined;
      case "policy-remediation":
        this.remediations.push(event);
        return undefined;
      case "summary":
        this.summary = event;
        return undefined;
      case "policy-load":
        this.packs.push(event);
        return undefined;
      case "stdout":
      case "prelude":
        return undefined;
    }
  }

  /** True for a row that gets no more news. */
  isDone(row: Row): boolean {
    return row.failed || this.done || (row !== this.stack && row.finished.has(row.step.op));
  }

  /** Sign, type, name, status and further information. */
  columns(row: Row): [string, string, string, string, string] {
    const { colors } = this.options;
    const op = this.shownOp(row);
    return [
      paint(colors, op, STEP_TEXT[op].prefix),
      displayType(row.urn),
      printable(nameOf(row.urn)),
      this.status(row, op),
      this.information(row),
    ];
  }

  errorCount(row: Row): number {
    return row.diagnostics.filter(({ severity, ephemeral }) => severity === "error" && ephemeral !== true)
      .length;
  }

  private row(urn: Urn, step?: StepEvent): Row {
    let row = this.all.get(urn);
    if (!row) {
      const type = typeOf(urn);
      const unheard: StepEvent = { op: "same", urn, type, logical: true, provider: "", internal: false };
      row = { urn, step: step ?? unheard, finished: new Map(), failed: false, hidden: true, diagnostics: [] };
      this.all.set(urn, row);
    }
    return row;
  }

  private diagnose(event: Diagnostic): Row {
    // Before there is such a resource, or for none at all: the stack's row has it.
    const row = event.urn ? this.row(event.urn) : this.stack;
    row.diagnostics.push(event);
    row.hidden = false;
    return row;
  }

  private step(event: Extract<EngineEvent, { step: StepEvent }>): Row | undefined {
    const { step } = event;
    if (step.internal) return undefined;
    if (step.op === "read-replacement" || step.op === "discard") return undefined;
    if (step.op === "read") {
      // Only a sign of life: the resource is not the stack's own.
      if (event.kind !== "resource-pre") return undefined;
      const message = `read ${displayType(step.urn)} ${nameOf(step.urn)}`;
      return this.diagnose({ kind: "diagnostic", severity: "info", message, ephemeral: true });
    }
    const row = this.row(step.urn, step);
    const refreshing = row.step.op === "refresh";
    if (isShown(step, this.options.showSames)) row.hidden = false;
    if (event.kind === "resource-failed") {
      row.failed = true;
      return row;
    }
    row.step = step;
    if (event.kind === "resource-pre") {
      row.startedAt = this.options.now();
      delete row.durationMs;
      // That the program runs is no news.
      return row === this.stack && step.op === "same" ? undefined : row;
    }
    row.durationMs = event.durationMs;
    row.finished.set(step.op, step);
    if (step.op === "same") this.sames.add(step.urn);
    const custom = (step.new ?? step.old)?.custom ?? true;
    return this.tree || refreshing || (!this.options.preview && custom && step.op !== "same")
      ? row
      : undefined;
  }

  /** While it runs each step of a replacement shows; before and after, the tree has them as the one `replace` that they are. */
  private shownOp(row: Row): StepOp {
    const { op } = row.step;
    const whole = this.tree && !row.failed && (this.options.preview || this.done);
    return whole && isReplacementHalf(op) ? "replace" : op;
  }

  private status(row: Row, op: StepOp): string {
    const { colors, preview } = this.options;
    const text = STEP_TEXT[op];
    const failed = row.failed || this.errorCount(row) > 0;
    const custom = (row.step.new ?? row.step.old)?.custom ?? false;
    const interrupted =
      this.done && !preview && !failed && custom && op !== "same" && !row.finished.has(row.step.op);
    const retained =
      row.step.old?.retainOnDelete === true && /delete|replace/.test(row.step.op) ? "[retain]" : "";
    if (interrupted) return colors.yellow(`${text.doing} (interrupted)`) + retained;
    if (!this.isDone(row) && row === this.stack && op === "same") return "running";
    if (preview) return paint(colors, op, text.plan) + retained;
    if (!this.isDone(row)) {
      const seconds = row.startedAt === undefined ? 0 : (this.options.now() - row.startedAt) / 1000;
      return paint(colors, op, text.doing && `${text.doing} (${Math.floor(seconds)}s)`) + retained;
    }
    const elapsed = op === "same" || row.durationMs === undefined ? "" : ` (${seconds(row.durationMs)})`;
    if (failed)
      return colors.red(`**${`${text.doing.split(" ")[0] ?? ""} failed`.trim()}${elapsed}**`) + retained;
    return paint(colors, op, text.done + elapsed) + retained;
  }

  private information(row: Row): string {
    const { mask } = this.options;
    const halves = row.step.op === "create-replacement" || row.step.op === "delete-replaced";
    const step = (halves ? row.finished.get("replace") : undefined) ?? row.step;
    const changes = shortDiff(step);
    const parts = changes === "" ? [] : [`[${changes}]`];
    if (this.done) parts.push(...this.counts(row));
    else {
      const errors = row.diagnostics.filter(({ severity }) => severity === "error");
      const last = (this.tree ? errors.at(-1) : undefined) ?? row.diagnostics.at(-1);
      if (last) parts.push(mask(prefixed(last, this.options.colors)).trimEnd());
    }
    return parts.join("; ").split("\n")[0] ?? "";
  }

  private counts(row: Row): string[] {
    const lasting = row.diagnostics.filter(({ ephemeral }) => ephemeral !== true);
    const { red, yellow, magenta } = this.options.colors;
    const kinds = [
      { noun: "error", color: red, severities: ["error"] },
      { noun: "warning", color: yellow, severities: ["warning"] },
      { noun: "message", color: magenta, severities: ["info", "info#err"] },
    ];
    return kinds.flatMap(({ noun, color, severities }) => {
      const amount = lasting.filter(({ severity }) => severities.includes(severity)).length;
      return amount === 0 ? [] : [`${amount} ${color(amount === 1 ? noun : `${noun}s`)}`];
    });
  }
}

/** A program's own messages stand for themselves; the others say how bad they are. */
export function prefixed({ severity, message }: Diagnostic, colors: Colors): string {
  if (severity === "error") return colors.red("error: ") + message;
  return severity === "warning" ? colors.yellow("warning: ") + message : message;
}

const seconds = (milliseconds: number): string =>
  milliseconds < 1000 ? `${(milliseconds / 1000).toFixed(2)}s` : `${Math.floor(milliseconds / 1000)}s`;

/** Control characters in a name must not reach a terminal. */
const printable = (name: string): string =>
  name.replace(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
