/** Paths to properties inside a resource (`ports[0].external`, `tags["a.b"]`, `rules[*].port`), as resource options name them. */
import type { Properties, Value } from "../values";
import { isObject, isSecret, makeSecret } from "../values";

/** Names and indices, outermost first; the name "*" stands for every one. */
export type PropertyPath = readonly (string | number)[];

/** Undefined for a text that is no path (grammar: sdk/go/common/resource/properties_path.go). */
export function parsePath(text: string): PropertyPath | undefined {
  const element = /\["((?:\\"|[^"])*)"\]|\[(\*|\d+)\]|([^.[]+)/y;
  const path: (string | number)[] = [];
  for (let at = 0; at < text.length; at = element.lastIndex) {
    if (text[at] === "." && at > 0) at++;
    element.lastIndex = at;
    const match = element.exec(text);
    if (!match) return undefined;
    const [, quoted, index, name] = match;
    if (quoted !== undefined) path.push(quoted.replaceAll('\\"', '"'));
    else if (index !== undefined) path.push(index === "*" ? index : Number(index));
    else path.push(name ?? "");
  }
  return path;
}

export function formatPath(path: PropertyPath): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^\w+$/.test(key)) return `["${key.replaceAll('"', '\\"')}"]`;
      return index === 0 ? key : `.${key}`;
    })
    .join("");
}

/** True when `other` is the path or lies below it. */
export const containsPath = (path: PropertyPath, other: PropertyPath): boolean =>
  path.length <= other.length && path.every((key, index) => key === "*" || key === other[index]);

/**
 * Sets what the path names in `news` back to what it is in `olds`, in place. False when that cannot be: the path goes through
 * something that only one of them has (arrays are never made longer or shorter).
 */
export function resetPath(path: PropertyPath, olds: Properties, news: Properties): boolean {
  return reset(path, olds, news, false);
}

/** `hidden`: the old value lies inside a secret that the new one does not have, so that what is taken from it must be secret. */
function reset(path: PropertyPath, oldValue: Value, newValue: Value, hidden: boolean): boolean {
  if (isSecret(newValue)) {
    return reset(path, isSecret(oldValue) ? oldValue.value : oldValue, newValue.value, false);
  }
  if (isSecret(oldValue)) return reset(path, oldValue.value, newValue, true);
  const [key, ...rest] = path;
  if (key === undefined) return false;
  const take = (value: Value): Value => (hidden ? makeSecret(value) : value);
  if (key === "*") return resetAll(rest, oldValue, newValue, hidden, take);

  if (typeof key === "number") {
    if (!Array.isArray(oldValue) || !Array.isArray(newValue)) {
      return !Array.isArray(oldValue) && !Array.isArray(newValue);
    }
    const [oldElement, newElement] = [oldValue[key], newValue[key]];
    if (oldElement === undefined && newElement === undefined) return rest.length === 0;
    if (oldElement === undefined || newElement === undefined) return false;
    if (rest.length > 0) return reset(rest, oldElement, newElement, hidden);
    newValue[key] = take(oldElement);
    return true;
  }

  const oldProperty = property(oldValue, key);
  if (rest.length === 0) {
    if (oldProperty === undefined) {
      if (isObject(newValue)) delete newValue[key];
      return true;
    }
    if (!isObject(newValue)) return false;
    newValue[key] = take(oldProperty);
    return true;
  }
  if (!isObject(oldValue) || !isObject(newValue)) return !isObject(oldValue) && !isObject(newValue);
  const newProperty = property(newValue, key);
  if (oldProperty === undefined && newProperty === undefined) return true;
  if (oldProperty === undefined || newProperty === undefined) return false;
  return reset(rest, oldProperty, newProperty, hidden);
}

function resetAll(
  rest: PropertyPath,
  oldValue: Value,
  newValue: Value,
  hidden: boolean,
  take: (value: Value) => Value,
): boolean {
  if (Array.isArray(newValue)) {
    if (!Array.isArray(oldValue)) return rest.length === 0;
    const whole = newValue.every((element, index) => {
      const oldElement = oldValue[index];
      if (oldElement === undefined) return false;
      if (rest.length > 0) return reset(rest, oldElement, element, hidden);
      newValue[index] = take(oldElement);
      return true;
    });
    return whole && oldValue.length === newValue.length;
  }
  if (!isObject(newValue)) return false;
  if (!isObject(oldValue)) return rest.length === 0;
  if (rest.length > 0) {
    return Object.entries(oldValue).every(([key, oldProperty]) => {
      const newProperty = property(newValue, key);
      return newProperty !== undefined && reset(rest, oldProperty, newProperty, hidden);
    });
  }
  for (const key of Object.keys(newValue)) if (!Object.hasOwn(oldValue, key)) delete newValue[key];
  for (const [key, value] of Object.entries(oldValue)) newValue[key] = take(value);
  return true;
}

const property = (value: Value, key: string): Value | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
