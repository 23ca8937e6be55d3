/** What one step changes, from the provider's detailed diff where there is one. */
import { parsePath, type PropertyPath } from "../../deploy/property-path";
import type { ResourceState, StepEvent } from "../../model";
import type { Properties, Value } from "../../values";
import { UNKNOWN } from "../../values";
import {
  diffProperties,
  diffValues,
  emptyDiff,
  hasChanges,
  isPlainObject,
  type ObjectDiff,
  type ValueDiff,
} from "./property-diff";
import { STEP_TEXT } from "./step-text";

/**
 * The provider's paths as a difference of properties: old values are the old outputs (or inputs, as the provider says), new ones
 * the new inputs, or in a refresh what was read (pkg/engine/detailedDiff.go).
 */
export function fromDetailedDiff(step: StepEvent, refresh: boolean): ObjectDiff {
  const diff = emptyDiff();
  for (const [text, { kind, inputDiff }] of Object.entries(step.detailedDiff ?? {})) {
    const olds = (inputDiff ? step.old?.inputs : step.old?.outputs) ?? {};
    const news = (refresh && !inputDiff ? step.new?.outputs : step.new?.inputs) ?? {};
    const change = kind.startsWith("add") ? "add" : kind.startsWith("delete") ? "delete" : "update";
    insert(diff, parsePath(text) ?? [text], change, olds, news);
  }
  return diff;
}

function insert(
  diff: ObjectDiff,
  [head = "", ...rest]: PropertyPath,
  change: "add" | "delete" | "update",
  olds: Value | undefined,
  news: Value | undefined,
): void {
  const key = String(head);
  const before = member(olds, head);
  const after = member(news, head);
  if (rest.length === 0) {
    if (change === "add") diff.adds[key] = after ?? UNKNOWN;
    else if (change === "delete") diff.deletes[key] = before ?? UNKNOWN;
    else diff.updates[key] = diffValues(before, after) ?? { old: before, new: after };
  } else if ((before ?? null) === null && (after ?? null) !== null) {
    diff.adds[key] = after ?? null;
  } else if ((after ?? null) === null && (before ?? null) !== null) {
    diff.deletes[key] = before ?? null;
  } else if (!isContainer(before) || !isContainer(after)) {
    // A secret or an unknown is opaque: it changed as a whole.
    diff.updates[key] = { old: before, new: after };
  } else {
    const update: ValueDiff = (diff.updates[key] ??= { old: before, new: after });
    const inner =
      typeof rest[0] === "number" ? (update.array ??= emptyDiff()) : (update.object ??= emptyDiff());
    insert(inner, rest, change, before, after);
  }
}
function member(value: Value | undefined, key: string | number): Value | undefined {
  if (Array.isArray(value)) return typeof key === "number" ? value[key] : undefined;
  return isPlainObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

const isContainer = (value: Value | undefined): boolean => Array.isArray(value) || isPlainObject(value);

/** `diff: +added-removed~changed` for a row, or "" when there is nothing to say. */
export function shortDiff(step: StepEvent): string {
  const { old: before, new: after } = step;
  if (!before || !after) return "";
  let diff: ObjectDiff | undefined;
  // A step that changes nothing shows no properties, even where they seem to differ.
  if (step.op !== "same")
    diff = step.detailedDiff
      ? fromDetailedDiff(step, false)
      : diffProperties(before.inputs ?? {}, after.inputs ?? {});
  const include = step.diffs && step.diffs.length > 0 ? new Set(step.diffs) : undefined;
  const keys = (part: object): string[] => Object.keys(part).filter((key) => !include || include.has(key));
  const changed = diff ? [keys(diff.adds), keys(diff.deletes), keys(diff.updates)] : [[], [], []];
  changed[2]?.push(...metadataChanges(before, after));
  if (!diff && changed[2]?.length === 0) return "";
  const signs = [STEP_TEXT.create, STEP_TEXT.delete, STEP_TEXT.update].map(({ prefix }) => prefix.trim());
  return `diff: ${changed.map((part, index) => (part.length > 0 ? signs[index] + part.sort().join(",") : "")).join("")}`;
}

function metadataChanges(before: ResourceState, after: ResourceState): string[] {
  return [
    ...((before.provider ?? "") === (after.provider ?? "") ? [] : ["provider"]),
    ...((before.protect ?? false) === (after.protect ?? false) ? [] : ["protect"]),
  ];
}

/** In a preview of the stack's outputs, what is merely not known yet is left out. */
export function withoutUnknownUpdates(diff: ObjectDiff): ObjectDiff | undefined {
  const updates: Record<string, ValueDiff> = {};
  for (const [key, update] of Object.entries(diff.updates)) {
    if (update.new === UNKNOWN) continue;
    const object = update.object && withoutUnknownUpdates(update.object);
    if (!update.object) updates[key] = update;
    else if (object) updates[key] = { ...update, object };
  }
  const rest = { ...diff, updates };
  return hasChanges(rest) ? rest : undefined;
}

/** Empty properties where a state has none. */
export const outputsOf = (state: ResourceState | undefined): Properties => state?.outputs ?? {};
