/** Between the properties' names and forms and those of Docker's API, as the schema says. Pure. */
import type { Properties, Value } from "../../values";
import { elementsOf, propertiesOf } from "./schema";
import type { Field, Schema } from "./schema";

export type ApiObject = Record<string, unknown>;

/** What Docker is sent for `inputs`: nothing for what is unset or zero. */
export function toApi(schema: Schema, inputs: Properties): ApiObject {
  const api: ApiObject = {};
  for (const [name, field] of Object.entries(schema)) {
    const value = inputs[name];
    if (field.api && value) putAt(api, field.api.split("."), encode(field, value));
  }
  return api;
}

function encode(field: Field, value: Value): unknown {
  if (field.codec) return field.codec.encode(value);
  const { fields } = field;
  if (!fields) return value;
  return field.kind === "block"
    ? toApi(fields, propertiesOf(value))
    : elementsOf(value).map((each) => toApi(fields, propertiesOf(each)));
}

function putAt(target: ApiObject, [key = "", ...rest]: string[], value: unknown): void {
  const there = target[key] as ApiObject | undefined;
  if (rest.length > 0) putAt((target[key] ??= {}) as ApiObject, rest, value);
  else target[key] = there ? { ...there, ...(value as ApiObject) } : value;
}

/** The properties that Docker tells; `prior` are those in state or planned, which decide what is read. */
export function fromApi(schema: Schema, api: ApiObject, prior: Properties): Properties {
  const properties: Properties = {};
  for (const [name, field] of Object.entries(schema)) {
    const isRead = field.read !== "never" && (field.read !== "if set" || isGiven(prior[name]));
    if (field.api && isRead) properties[name] = decode(field, getAt(api, field.api.split(".")));
  }
  return properties;
}

const isGiven = (value: Value | undefined): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;

const getAt = (api: unknown, [key = "", ...rest]: string[]): unknown => {
  const value = (api as ApiObject | null | undefined)?.[key];
  return rest.length > 0 ? getAt(value, rest) : value;
};

function decode(field: Field, value: unknown): Value {
  const { fields } = field;
  if (field.codec) return field.codec.decode((value ?? undefined) as never);
  switch (field.kind) {
    case "string":
      return (value as string | undefined) ?? "";
    case "int":
      return (value as number | undefined) ?? 0;
    case "bool":
      return (value as boolean | undefined) ?? false;
    case "map":
      return (value as Properties | undefined) ?? {};
    case "block":
      return value ? fromApi(fields ?? {}, value as ApiObject, {}) : null;
    case "list":
    case "set": {
      const elements = [value ?? []].flat();
      return fields ? elements.map((each) => fromApi(fields, each as ApiObject, {})) : (elements as string[]);
    }
  }
}
