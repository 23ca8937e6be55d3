/** The words and colours of each kind of step, as the Pulumi CLI has them (pkg/resource/deploy/step.go, pkg/backend/display). */
import type { Colors } from "picocolors/types";
import type { StepOp } from "../../model";

export interface StepText {
  /** Two characters, in front of a row or a property. */
  prefix: string;
  /** While it runs. */
  doing: string;
  /** When it is done. */
  done: string;
  /** In a preview. */
  plan: string;
  /** In the summary of an update; a preview's says `to ` and the operation's own name. */
  past: string;
  color: "gray" | "green" | "yellow" | "red" | "magenta" | "cyan";
}

const text = (
  prefix: string,
  doing: string,
  done: string,
  plan: string,
  color: StepText["color"],
  past = done,
): StepText => ({ prefix, doing, done, plan, color, past });

/** In the order in which a summary lists them. */
export const STEP_TEXT: Record<StepOp, StepText> = {
  same: text("  ", "", "", "", "gray", "same"),
  create: text("+ ", "creating", "created", "create", "green"),
  update: text("~ ", "updating", "updated", "update", "yellow"),
  delete: text("- ", "deleting", "deleted", "delete", "red"),
  replace: text("+-", "replacing", "replaced", "replace", "magenta"),
  "create-replacement": text(
    "++",
    "creating replacement",
    "created replacement",
    "create replacement",
    "green",
  ),
  "delete-replaced": text("--", "deleting original", "deleted original", "delete original", "red", "deleted"),
  read: text("> ", "reading", "read", "read", "cyan"),
  "read-replacement": text(
    ">>",
    "reading for replacement",
    "read for replacement",
    "read for replacement",
    "magenta",
  ),
  refresh: text("~ ", "refreshing", "refresh", "refreshing", "yellow", "refreshed"),
  discard: text("< ", "discarding", "discarded", "discard", "red"),
  "discard-replaced": text(
    "<<",
    "discarding original",
    "discarded original",
    "discard original",
    "red",
    "discarded",
  ),
  "remove-pending-replace": text("~ ", "", "", "", "gray"),
  import: text("= ", "importing", "imported", "import", "green"),
  "import-replacement": text(
    "=>",
    "importing replacement",
    "imported replacement",
    "import replacement",
    "magenta",
    "imported",
  ),
};

const HALVES: ReadonlySet<StepOp> = new Set([
  "create-replacement",
  "delete-replaced",
  "read-replacement",
  "discard-replaced",
]);
/** True for a step that is one half of a replacement. */
export const isReplacementHalf = (op: StepOp): boolean => HALVES.has(op);

/** `words` in the operation's colour. */
export function paint(colors: Colors, op: StepOp, words: string): string {
  return words === "" ? "" : colors[STEP_TEXT[op].color](words);
}
