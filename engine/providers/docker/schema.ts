/**
 * The language in which the Docker resources are described: one line a property says what it is, where it is in Docker's API,
 * what it defaults to and what a change of it does. Check, Diff, the requests and the form of the state all follow from it.
 */
import type { Properties, Value } from "../../values";
import { isObject } from "../../values";

export interface Field {
  kind: "string" | "int" | "bool" | "list" | "set" | "map" | "block";
  /** Its place in what Docker is sent and answers, a path of keys; "" for what is not simply passed on. */
  api: string;
  /** What a block, or each element of a list or set, is made of; lists and sets without it hold strings, as maps do. */
  fields?: Schema;
  required?: true;
  /** Docker fills it in: leaving it out of the program means "whatever it is". */
  computed?: true;
  /** Only ever an output. */
  output?: true;
  default?: Value;
  /**
   * What a change does. "replace" is the default; "update" is made in place, or only recorded; "limit" is set and changed
   * in place, but taking it away replaces, for Docker's API cannot.
   */
  change?: "update" | "limit";
  /**
   * Whether it is read back: "never" what Docker shows mixed with the image's or not at all, "if set" what Docker has values of
   * its own for. As the bridged provider does.
   */
  read?: "never" | "if set";
  codec?: Codec;
  /** What is wrong with a value, as a sentence without its full stop. */
  check?: (value: string | number) => string | undefined;
  /** The form in which two spellings of the same thing are equal. */
  canonical?: (value: string) => Value;
  /** Why an input cannot be taken at all. */
  unsupported?: string;
}
export type Schema = Record<string, Field>;
/** Every property of T, and no other: one that a new version of the SDK adds does not compile until it has its line. */
export type FieldsOf<T> = Record<keyof T, Field>;

/** Another form in the API. `decode` is given undefined for what is not there. */
export interface Codec {
  encode(value: Value): unknown;
  decode(value: never): Value;
}

type Options = Omit<Field, "kind" | "api">;
export const str = (api: string, options?: Options): Field => ({ kind: "string", api, ...options });
export const int = (api: string, options?: Options): Field => ({ kind: "int", api, ...options });
export const bool = (api: string, options?: Options): Field => ({ kind: "bool", api, ...options });
export const list = (api: string, options?: Options): Field => ({ kind: "list", api, ...options });
export const set = (api: string, options?: Options): Field => ({ kind: "set", api, ...options });
export const map = (api: string, options?: Options): Field => ({ kind: "map", api, ...options });
export const block = (api: string, fields: Schema, options?: Options): Field => ({
  ...{ kind: "block", api, fields },
  ...options,
});

/** Labels are pairs in the program and a map in Docker. */
export const labels = (api: string, options?: Options): Field =>
  set(api, {
    fields: { label: str("", { required: true }), value: str("", { required: true }) },
    codec: {
      encode: (pairs) => {
        const labels = elementsOf(pairs).map(propertiesOf);
        return Object.fromEntries(labels.map(({ label, value }) => [textOf(label), value]));
      },
      decode: (labels: Record<string, string> | null | undefined) =>
        Object.entries(labels ?? {}).map(([label, value]) => ({ label, value })),
    },
    ...options,
  });

export const matches =
  (pattern: RegExp) =>
  (value: string | number): string | undefined =>
    pattern.test(String(value)) ? undefined : `'${value}' doesn't match the pattern '${pattern.source}'`;

export const atLeast =
  (least: number) =>
  (value: string | number): string | undefined =>
    Number(value) >= least ? undefined : `'${value}' cannot be lower than ${least}`;

/** Properties of a plain object, whatever may be in their place. */
export const propertiesOf = (value: Value | undefined): Properties => (isObject(value) ? value : {});
export const elementsOf = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);
export const textOf = (value: Value | undefined): string => (typeof value === "string" ? value : "");

/** What the elements of a list or set are; strings keep the spelling rule of their field. */
export function elementField(field: Field): Field {
  if (field.fields) return block("", field.fields);
  return str("", field.canonical && { canonical: field.canonical });
}

/**
 * The value in the form in which values are compared: `undefined` for everything that Docker takes for unset (null, "", 0,
 * false, empty collections), sets sorted, spellings made equal. An explicit `false` of a computed field is a value.
 */
export function canonical(field: Field, value: Value | undefined): Value | undefined {
  if (value === undefined || value === null || value === "" || value === 0) return undefined;
  if (value === false) return field.computed ? false : undefined;
  switch (field.kind) {
    case "int":
    case "bool":
      return value;
    case "string": {
      const form = typeof value === "string" && field.canonical ? field.canonical(value) : value;
      return form === 0 ? undefined : form;
    }
    case "map":
      return nonEmpty(Object.entries(propertiesOf(value)).sort(([a], [b]) => (a < b ? -1 : 1)));
    case "block":
      return nonEmpty(
        Object.entries(field.fields ?? {}).map(([name, part]) => {
          return [name, canonical(part, propertiesOf(value)[name] ?? part.default)];
        }),
      );
    case "list":
    case "set": {
      // In a list an element's place counts, in a set it does not.
      const element = elementField(field);
      const all = elementsOf(value).map((each) => canonical(element, each) ?? null);
      if (all.length === 0) return undefined;
      return field.kind === "list" ? all : [...new Set(all.map((each) => JSON.stringify(each)))].sort();
    }
  }
}

function nonEmpty(entries: [string, Value | undefined][]): Value | undefined {
  const present = entries.filter((entry): entry is [string, Value] => entry[1] !== undefined);
  return present.length > 0 ? Object.fromEntries(present) : undefined;
}

export const sameValue = (field: Field, a: Value | undefined, b: Value | undefined): boolean =>
  JSON.stringify(canonical(field, a)) === JSON.stringify(canonical(field, b));
