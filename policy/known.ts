/**
 * Reading a resource's properties without a throw. The SDK throws where a rule touches a value that only the update will know, and turns the
 * rule into an advisory note: a mandatory gate would go green in preview. And any other throw fails the whole pack.
 */
import { UnknownValueError } from "@pulumi/policy";
import { findSecrets } from "./secret-patterns";

/** Stands for a value that only the update will know. Each rule says what it means (`unknown` in rule.ts). */
export const notKnown = Symbol("not known before the update");

export type Properties = Readonly<Record<string, unknown>>;

/** Told of each value not known that is read, by its path, such as `servers[0].port`. */
export type Note = (path: string) => void;

/** A plain copy of properties, with `notKnown` wherever a value is not known yet; null counts as not set. */
export function copyKnown(properties: object, note: Note = () => undefined): Properties {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(properties)) {
    if (key !== "__proto__") copyMember(properties as Properties, key, key, copy, note);
  }
  return copy;
}

function copyMember(
  from: Properties,
  key: string,
  path: string,
  to: Record<string, unknown>,
  note: Note,
): void {
  let value: unknown;
  try {
    value = from[key];
  } catch (error) {
    if (!(error instanceof UnknownValueError)) throw error;
    const get = (): symbol => {
      note(path);
      return notKnown;
    };
    Object.defineProperty(to, key, { get, enumerable: true });
    return;
  }
  if (typeof value !== "object" || value === null) to[key] = value ?? undefined;
  else if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const index of Object.keys(value)) {
      copyMember(value as never, index, `${path}[${index}]`, list as never, note);
    }
    to[key] = list;
  } else to[key] = copyKnown(value, (inner) => note(`${path}.${inner}`));
}

/** The elements of a list; none when it is not a list, or not known. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** An object's members; none when it is not an object, or not known. */
export function objectOf(value: unknown): Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Properties) : {};
}

/** What is at a path such as `healthCheck.path`; `notKnown` where any part of the way is not known. */
export function valueAt(properties: Properties, path: string): unknown {
  let value: unknown = properties;
  for (const key of path.split(".")) {
    if (value === notKnown) return notKnown;
    value = Array.isArray(value) ? (value as unknown[])[Number(key)] : objectOf(value)[key];
  }
  return value;
}

/** True where the value at a path is not known yet. Unlike a reading, it is not noted: for rules to which it does not matter what it will be. */
export function isNotKnown(properties: Properties, path: string): boolean {
  let value: unknown = properties;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) return false;
    const own = Object.getOwnPropertyDescriptor(value, key);
    if (own?.get !== undefined) return true;
    value = own?.value;
  }
  return false;
}

const longestShown = 160;

/** Any value as a message shows it, its end left out where it is long; what looks like a secret is not shown. */
export function show(value: unknown): string {
  if (value === notKnown) return "(not known yet)";
  const text = JSON.stringify(value) ?? "(none)";
  if (findSecrets(text).length > 0) return "(hidden, it looks like a secret)";
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

/** A text, or "" when it is none, or not known. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
