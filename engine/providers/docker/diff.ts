/** Diff: what separates the program's inputs from the state, in Docker's terms and not in their spelling. Pure. */
import { containsPath, parsePath } from "../../deploy/property-path";
import type { DiffKind, DiffResult, PropertyDiff } from "../../model";
import type { Properties, Value } from "../../values";
import { isUnknown } from "../../values";
import { canonical, elementField, elementsOf, propertiesOf } from "./schema";
import type { Field, Schema } from "./schema";

type Change = "add" | "delete" | "update";
type Changes = Map<string, Change>;

/**
 * `old` are the outputs in state. A change of anything replaces, but of what the schema says is changed in place;
 * `deleteFirst` says whether a replacement must delete before it creates.
 */
export function diffResource(
  schema: Schema,
  old: Properties,
  news: Properties,
  ignoreChanges: string[],
  deleteFirst: boolean,
): DiffResult {
  const result: Required<DiffResult> = {
    changes: "none",
    replaces: [],
    deleteBeforeReplace: deleteFirst,
    diffs: [],
    detailedDiff: {},
  };
  for (const [name, field] of Object.entries(schema)) {
    if (field.output) continue;
    const changes: Changes = new Map();
    diffValue(field, old[name], news[name], name, changes);
    for (const path of changes.keys()) if (isIgnored(path, ignoreChanges)) changes.delete(path);
    if (changes.size === 0) continue;
    const replaces = isReplacement(field, news[name]);
    for (const [path, change] of changes) result.detailedDiff[path] = entry(change, replaces);
    result.diffs.push(name);
    if (replaces) result.replaces.push(name);
    result.changes = "some";
  }
  return result;
}

/** Adds to a diff that the resource must be replaced whatever its inputs are. */
export function withReplacement(diff: DiffResult, property: string): DiffResult {
  return {
    ...diff,
    changes: "some",
    replaces: [...diff.replaces, property],
    diffs: [...diff.diffs, property],
    detailedDiff: { ...diff.detailedDiff, [property]: entry("update", true) },
  };
}

function entry(change: Change, replaces: boolean): PropertyDiff {
  const kind: DiffKind = replaces ? `${change}-replace` : change;
  return { kind, inputDiff: false };
}

const isReplacement = (field: Field, value: Value | undefined): boolean =>
  field.change === undefined || (field.change === "limit" && canonical(field, value) === undefined);

function isIgnored(path: string, ignoreChanges: string[]): boolean {
  const changed = parsePath(path);
  return ignoreChanges.some((text) => {
    const ignored = parsePath(text);
    return ignored !== undefined && changed !== undefined && containsPath(ignored, changed);
  });
}

function diffValue(
  field: Field,
  old: Value | undefined,
  value: Value | undefined,
  path: string,
  changes: Changes,
): void {
  const isNull = (each: Value | undefined): boolean => each === undefined || each === null;
  const change = isNull(old) ? "add" : isNull(value) ? "delete" : "update";
  if (isUnknown(value)) {
    changes.set(path, change);
    return;
  }
  if (isUnset(field, value)) {
    if (!field.computed && canonical(field, old) !== undefined) changes.set(path, change);
    return;
  }
  switch (field.kind) {
    case "block":
      diffBlock(field.fields ?? {}, propertiesOf(old), propertiesOf(value), path, changes);
      return;
    case "map":
      diffMap(propertiesOf(old), propertiesOf(value), path, changes);
      return;
    case "list":
      diffList(field, elementsOf(old), elementsOf(value), path, changes);
      return;
    case "set":
      diffSet(field, elementsOf(old), elementsOf(value), path, changes);
      return;
    case "string":
    case "int":
    case "bool":
      if (canonical(field, old) !== canonical(field, value)) changes.set(path, change);
  }
}

/** An empty set of strings says "none", also where Docker would fill in something; every other empty value says nothing. */
function isUnset(field: Field, value: Value | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0 && !(field.kind === "set" && !field.fields);
  return canonical(field, value) === undefined;
}

function diffBlock(schema: Schema, old: Properties, value: Properties, path: string, changes: Changes): void {
  for (const [name, field] of Object.entries(schema)) {
    diffValue(field, old[name] ?? field.default, value[name] ?? field.default, `${path}.${name}`, changes);
  }
}

function diffMap(old: Properties, value: Properties, path: string, changes: Changes): void {
  for (const key of new Set([...Object.keys(old), ...Object.keys(value)])) {
    const place = /^[\w$]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
    if (value[key] === undefined) changes.set(place, "delete");
    else if (old[key] !== value[key]) changes.set(place, old[key] === undefined ? "add" : "update");
  }
}

function diffList(field: Field, old: Value[], value: Value[], path: string, changes: Changes): void {
  const element = elementField(field);
  for (let index = 0; index < Math.max(old.length, value.length); index++) {
    const [before, now] = [old[index], value[index]];
    const place = `${path}[${index}]`;
    if (now === undefined) changes.set(place, "delete");
    else if (before === undefined) changes.set(place, "add");
    else if (field.fields) diffValue(element, before, now, place, changes);
    else if (before !== now) changes.set(place, "update");
  }
}

function diffSet(field: Field, old: Value[], value: Value[], path: string, changes: Changes): void {
  const element = elementField(field);
  const differ = (before: Value, now: Value): boolean => {
    const between: Changes = new Map();
    diffValue(element, before, now, "", between);
    return between.size > 0;
  };
  const removed = [...old.keys()].filter((index) => value.every((now) => differ(old[index] ?? null, now)));
  const added = [...value.keys()].filter((index) =>
    old.every((before) => differ(before, value[index] ?? null)),
  );
  for (const index of removed) changes.set(`${path}[${index}]`, "delete");
  for (const index of added) changes.set(`${path}[${index}]`, removed.includes(index) ? "update" : "add");
}
