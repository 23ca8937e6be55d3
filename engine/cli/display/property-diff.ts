/** The difference of two property maps, for people: pure, by sdk/go/common/resource/properties_diff.go. */
import {
  ARCHIVE,
  ASSET,
  isObject,
  isUnknown,
  signatureOf,
  valuesEqual,
  type Properties,
  type Value,
} from "../../values";

/** Of an array the keys are its indices. */
export interface ObjectDiff {
  adds: Properties;
  deletes: Properties;
  sames: Properties;
  updates: Record<string, ValueDiff>;
}
/** With neither `array` nor `object`, the value as a whole was replaced. */
export interface ValueDiff {
  old: Value | undefined;
  new: Value | undefined;
  array?: ObjectDiff;
  object?: ObjectDiff;
}

export const isInternalKey = (key: string): boolean => key.startsWith("__");
export const isPlainObject = (value: Value | undefined): value is Properties =>
  isObject(value) && signatureOf(value) === undefined;

export const emptyDiff = (): ObjectDiff => ({ adds: {}, deletes: {}, sames: {}, updates: {} });

/** Undefined when nothing differs. A null is as good as nothing; keys beginning with `__` do not count. */
export function diffProperties(olds: Properties, news: Properties): ObjectDiff | undefined {
  const diff = emptyDiff();
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    if (!isInternalKey(key)) addTo(diff, key, olds[key], news[key]);
  }
  return hasChanges(diff) ? diff : undefined;
}

/** Undefined when the values are equal. */
export function diffValues(before: Value | undefined, after: Value | undefined): ValueDiff | undefined {
  if (Array.isArray(before) && Array.isArray(after)) {
    const array = emptyDiff();
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      addTo(array, String(index), before[index], after[index]);
    }
    return hasChanges(array) ? { old: before, new: after, array } : undefined;
  }
  if (isPlainObject(before) && isPlainObject(after)) {
    const object = diffProperties(before, after);
    return object && { old: before, new: after, object };
  }
  return equal(before, after) ? undefined : { old: before, new: after };
}

export const hasChanges = (diff: ObjectDiff): boolean =>
  [diff.adds, diff.deletes, diff.updates].some((part) => Object.keys(part).length > 0);

function addTo(diff: ObjectDiff, key: string, before: Value | undefined, after: Value | undefined): void {
  const had = before !== undefined && before !== null;
  const has = after !== undefined && after !== null;
  const changed = diffValues(before, after);
  if (had && has && changed) diff.updates[key] = changed;
  else if (!had && has) diff.adds[key] = after;
  else if (had && !has) diff.deletes[key] = before;
  else if (before !== undefined) diff.sames[key] = before;
}

function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (isUnknown(a) && isUnknown(b)) return true;
  const kind = signatureOf(a);
  // The state holds an asset by its hash alone.
  if ((kind === ASSET || kind === ARCHIVE) && kind === signatureOf(b) && isObject(a) && isObject(b)) {
    if (a["hash"] !== undefined && b["hash"] !== undefined) return a["hash"] === b["hash"];
  }
  return valuesEqual(a ?? null, b ?? null);
}
