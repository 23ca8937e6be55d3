/**
 * Reading a resource's properties without a throw. The SDK throws where a rule touches a value that only the update will know, and turns the
 * rule into an advisory note: a mandatory gate would go green in preview. And any other throw fails the whole pack.
 */
import { UnknownValueError } from "@pulumi/policy";

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

/** Any value as a message shows it. */
export function show(value: unknown): string {
  return value === notKnown ? "(not known yet)" : (JSON.stringify(value) ?? "(none)");
}

/** A text, or "" when it is none, or not known. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
