/**
 * Reading a resource's properties without a throw. The SDK throws where a rule touches a value that only the update will know, and turns the
 * rule into an advisory note: a mandatory gate would go green in preview. And any other throw fails the whole pack.
 */
import { UnknownValueError } from "@pulumi/policy";

/** Stands for a value that only the update will know. Each rule decides what it means. */
export const notKnown = Symbol("not known before the update");

export type Properties = Readonly<Record<string, unknown>>;

/** A plain copy of properties, with `notKnown` wherever a value is not known yet; null counts as not set. */
export function copyKnown(properties: object): Properties {
  return copyObject(properties as Properties);
}

function copyObject(properties: Properties): Properties {
  return Object.fromEntries(Object.keys(properties).map((key) => [key, copyMember(properties, key)]));
}

function copyMember(container: Properties, key: string): unknown {
  let value: unknown;
  try {
    value = container[key];
  } catch (error) {
    if (error instanceof UnknownValueError) return notKnown;
    throw error;
  }
  if (typeof value !== "object" || value === null) return value ?? undefined;
  if (!Array.isArray(value)) return copyObject(value as Properties);
  return Object.keys(value).map((index) => copyMember(value as unknown as Properties, index));
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
