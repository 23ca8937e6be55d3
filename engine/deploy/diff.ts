/** What differs between two sets of properties, and what that asks for. Pure. */
import type { DiffKind, DiffResult, PropertyDiff } from "../model";
import { ARCHIVE, ASSET, isObject, isReference, signatureOf, unwrapSecrets, valuesEqual } from "../values";
import type { Properties, Value } from "../values";
import type { PropertyPath } from "./property-path";
import { containsPath, formatPath, parsePath, resetPath } from "./property-path";

export const NO_CHANGE: DiffResult = {
  changes: "none",
  replaces: [],
  deleteBeforeReplace: false,
  diffs: [],
};

export const someChange = (replaces: string[] = []): DiffResult => ({
  ...NO_CHANGE,
  changes: "some",
  replaces,
});

/** A property path that `replaceOnChanges` may name: the resource's last create or update did not become ready. */
const INIT_ERROR = "#initerror";

export const isReplacement = (diff: DiffResult): boolean =>
  diff.replaces.length > 0 ||
  Object.values(diff.detailedDiff ?? {}).some(({ kind }) => kind.endsWith("-replace"));

/** Equality in which assets and archives are their content: a state keeps of them no more than the hash. */
export function propertiesEqual(a: Value | undefined, b: Value | undefined): boolean {
  return Object.keys(detailedDiff(a ?? null, b ?? null)).length === 0;
}

/** Every differing leaf by its path; secrets are compared by what they hold. */
function detailedDiff(oldValue: Value, newValue: Value): Record<string, PropertyDiff> {
  const diffs: Record<string, PropertyDiff> = {};
  const add = (path: PropertyPath, kind: DiffKind): void => {
    diffs[formatPath(path)] = { kind, inputDiff: true };
  };
  const compare = (path: PropertyPath, a: Value | undefined, b: Value | undefined): void => {
    if (a === b) return;
    if (a === undefined || b === undefined) add(path, a === undefined ? "add" : "delete");
    else if (Array.isArray(a) && Array.isArray(b)) {
      const length = Math.max(a.length, b.length);
      for (let index = 0; index < length; index++) compare([...path, index], a[index], b[index]);
    } else if (isReference(a) && isReference(b)) {
      if (!valuesEqual(a, b)) add(path, "update");
    } else if (isObject(a) && isObject(b) && contentHash(a) === undefined) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        compare([...path, key], own(a, key), own(b, key));
      }
    } else if (!isObject(a) || !isObject(b) || contentHash(a) !== contentHash(b)) add(path, "update");
  };
  compare([], oldValue, newValue);
  return diffs;
}

const own = (value: Properties, key: string): Value | undefined =>
  Object.hasOwn(value, key) ? value[key] : undefined;

function contentHash(value: Properties): Value | undefined {
  const signature = signatureOf(value);
  return signature === ASSET || signature === ARCHIVE ? value["hash"] : undefined;
}

/** A provider's answer made definite: when it does not know, the inputs decide. */
export function settleDiff(
  diff: DiffResult,
  oldInputs: Properties,
  newInputs: Properties,
  ignoreChanges: string[],
): DiffResult {
  if (diff.changes !== "unknown") return diff;
  const { inputs } = ignoreInputs(newInputs, oldInputs, ignoreChanges);
  const detailed = detailedDiff(unwrapSecrets(oldInputs), unwrapSecrets(inputs));
  const diffs = [...new Set(Object.keys(detailed).map((path) => String(parsePath(path)?.[0])))];
  if (diffs.length === 0) return { ...diff, changes: "none" };
  return { ...diff, changes: "some", diffs, detailedDiff: detailed };
}

/** The inputs with what `ignoreChanges` names set back to the old ones; `invalid` are the paths for which that cannot be. */
export function ignoreInputs(
  inputs: Properties,
  oldInputs: Properties,
  ignoreChanges: string[],
): { inputs: Properties; invalid: string[] } {
  if (ignoreChanges.length === 0) return { inputs, invalid: [] };
  const copy = structuredClone(inputs);
  const invalid = ignoreChanges.filter((text) => {
    const path = parsePath(text);
    return path !== undefined && !resetPath(path, oldInputs, copy);
  });
  return { inputs: copy, invalid };
}

/** Makes of each change below a path of `replaceOnChanges` a replacement. */
export function applyReplaceOnChanges(
  diff: DiffResult,
  replaceOnChanges: string[],
  hasInitErrors: boolean,
): DiffResult {
  if (replaceOnChanges.length === 0 || (diff.changes !== "some" && !hasInitErrors)) return diff;
  const paths = replaceOnChanges.map((text) => {
    const path = parsePath(text);
    if (!path) throw new Error(`replaceOnChanges: ${JSON.stringify(text)} is not a property path`);
    return path;
  });
  const concerns = (text: string): boolean => {
    const changed = parsePath(text);
    return changed !== undefined && paths.some((path) => containsPath(path, changed));
  };
  const result = { ...diff, replaces: [...new Set([...diff.replaces, ...diff.diffs.filter(concerns)])] };
  if (diff.detailedDiff) {
    result.detailedDiff = {};
    for (const [path, entry] of Object.entries(diff.detailedDiff)) {
      result.detailedDiff[path] = concerns(path) ? { ...entry, kind: asReplacement(entry.kind) } : entry;
    }
  }
  if (hasInitErrors && concerns(INIT_ERROR)) {
    result.changes = "some";
    result.replaces.push(INIT_ERROR);
    if (result.detailedDiff) {
      result.detailedDiff[INIT_ERROR] = { kind: "update-replace", inputDiff: false };
    }
  }
  return result;
}

const asReplacement = (kind: DiffKind): DiffKind =>
  kind === "add" || kind === "delete" || kind === "update" ? `${kind}-replace` : kind;

const INVERSE: Partial<Record<DiffKind, DiffKind>> = {
  add: "delete",
  "add-replace": "delete-replace",
  delete: "add",
  "delete-replace": "add-replace",
};

/** The same diff seen from the other side: a refresh asks what the program would change back, and shows what has drifted. */
export function invertDiff(diff: DiffResult): DiffResult {
  if (!diff.detailedDiff) return diff;
  const inverted: Record<string, PropertyDiff> = {};
  for (const [path, entry] of Object.entries(diff.detailedDiff)) {
    inverted[path] = { ...entry, kind: INVERSE[entry.kind] ?? entry.kind };
  }
  return { ...diff, detailedDiff: inverted };
}
