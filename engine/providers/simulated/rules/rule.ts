/** Rules of the services that no schema has: what AWS or Cloudflare refuses only at apply. */
import type { Urn } from "../../../model";
import type { Properties, Value } from "../../../values";
import type { Cloud, Thing } from "../cloud";
import { known, type Fault } from "../fault";
import type { Place } from "../identity";

export interface Asked {
  type: string;
  urn: Urn;
  /** Secrets unwrapped: a rule never puts a value into its text. */
  inputs: Properties;
  /** By top-level input, what the program made it from. */
  dependencies: Readonly<Record<string, readonly Urn[]>>;
  cloud: Cloud;
  place: Place;
}

/** @returns each fault; what is not known yet is none. */
export type Rule = (asked: Asked) => Iterable<Fault>;

export const textAt = (inputs: Properties, path: string): string | undefined => {
  const value = known(inputs, path);
  return typeof value === "string" ? value : undefined;
};

export const numberAt = (inputs: Properties, path: string): number | undefined => {
  const value = known(inputs, path);
  return typeof value === "number" ? value : undefined;
};

export const listAt = (inputs: Properties, path: string): Value[] => {
  const value = known(inputs, path);
  return Array.isArray(value) ? value : [];
};

/** Whether an input is there, be it known or not. */
export const isGiven = (inputs: Properties, key: string): boolean => (inputs[key] ?? null) !== null;

export function* pattern(
  inputs: Properties,
  path: string,
  form: RegExp,
  allowed: string,
  source: string,
): Iterable<Fault> {
  const text = textAt(inputs, path);
  if (text !== undefined && !form.test(text)) yield { path, allowed: `it must be ${allowed}`, source };
}

export function* range(
  inputs: Properties,
  path: string,
  [least, most]: readonly [number, number],
  source: string,
): Iterable<Fault> {
  const value = numberAt(inputs, path);
  if (value !== undefined && (value < least || value > most)) {
    yield { path, allowed: `it must be from ${least} to ${most}`, source };
  }
}

/** The things that a top-level input, or its part at `path`, names. */
export function named(
  { cloud, inputs, dependencies }: Asked,
  path: string,
  types: readonly string[],
): Thing[] {
  const key = /^\w+/.exec(path)?.[0] ?? "";
  let value: Value | undefined = inputs;
  for (const part of path.match(/\w+/g) ?? []) {
    value = Array.isArray(value)
      ? value[Number(part)]
      : typeof value === "object" && value !== null
        ? value[part]
        : undefined;
  }
  return cloud.named(value, dependencies[key] ?? [], types);
}
