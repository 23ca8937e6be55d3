/** Holds inputs against the SDK's declarations, and against the values that AWS's schema allows. Pure. */
import {
  ARCHIVE,
  ASSET,
  isObject,
  isSecret,
  isUnknown,
  signatureOf,
  type Properties,
  type Value,
} from "../../values";
import type { ResourceSchema, SchemaProperty } from "./cloudformation";
import type { Fault } from "./fault";
import type { Members, Shape } from "./typings";

export interface Declared {
  members: Members;
  source: string;
  schema: ResourceSchema | undefined;
  schemaSource: string;
}

export function shapeFaults(
  inputs: Properties,
  { members, source, schema, schemaSource }: Declared,
): Fault[] {
  const faults: Fault[] = [];
  const objectFaults = (
    path: string,
    expected: Members,
    value: Properties,
    type: string | undefined,
  ): void => {
    const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
    const names = Object.keys(expected);
    for (const [key, inner] of Object.entries(value)) {
      if (key.startsWith("__")) continue;
      const member = expected[key];
      if (!member) {
        const allowed = `there is no such property; there are ${names.join(", ")}`;
        faults.push({ path: at(key), allowed, source });
      } else if (inner !== null) {
        const properties = type === "" ? schema?.properties : schema?.types[type ?? ""];
        valueFaults(at(key), member.shape, inner, schemaProperty(properties, key));
      }
    }
    for (const key of names) {
      if (expected[key]?.optional === false && (value[key] ?? null) === null) {
        faults.push({ path: at(key), allowed: "it is required", source });
      }
    }
  };
  const valueFaults = (path: string, shape: Shape, value: Value, rule: SchemaProperty | undefined): void => {
    if (isSecret(value)) return valueFaults(path, shape, value.value, rule);
    if (value === null || isUnknown(value)) return;
    if (shape.kind === "union") {
      if (!shape.of.some((each) => fits(each, value))) {
        faults.push({ path, allowed: `it must be ${shape.of.map(nameOf).join(" or ")}`, source });
      }
    } else if (!fits(shape, value)) faults.push({ path, allowed: `it must be ${nameOf(shape)}`, source });
    else if (shape.kind === "list" && Array.isArray(value)) {
      for (const [index, element] of value.entries())
        valueFaults(`${path}[${index}]`, shape.of, element, rule);
    } else if (shape.kind === "map" && isObject(value)) {
      for (const [key, inner] of Object.entries(value)) {
        valueFaults(`${path}[${JSON.stringify(key)}]`, shape.of, inner, undefined);
      }
    } else if (shape.kind === "object" && isObject(value)) {
      objectFaults(path, shape.members(), value, rule?.type ?? "no schema");
    } else if (rule?.values && !rule.values.includes(value as string) && value !== "" && value !== 0) {
      const allowed = `it must be one of ${rule.values.join(", ")}`;
      faults.push({ path, allowed, source: schemaSource });
    }
  };
  objectFaults("", members, inputs, "");
  return faults;
}

/** The SDK calls lists by their plural, AWS's schema often does not. */
export function schemaProperty(
  properties: Readonly<Record<string, SchemaProperty>> | undefined,
  name: string,
): SchemaProperty | undefined {
  const key = name.toLowerCase();
  return properties?.[key] ?? properties?.[key.replace(/s$/, "")];
}

function fits(shape: Shape, value: Value): boolean {
  switch (shape.kind) {
    case "list":
      return Array.isArray(value);
    case "map":
    case "object":
      return isObject(value) && signatureOf(value) === undefined;
    case "asset":
      return [ASSET, ARCHIVE].includes(signatureOf(value) ?? "");
    case "union":
      return shape.of.some((each) => fits(each, value));
    case "any":
      return true;
    case "boolean":
    case "number":
    case "string":
      return typeof value === shape.kind;
  }
}

function nameOf(shape: Shape): string {
  switch (shape.kind) {
    case "list":
      return "a list";
    case "map":
      return "a map";
    case "object":
      return "an object";
    case "asset":
      return "an asset or archive";
    case "union":
      return shape.of.map(nameOf).join(" or ");
    case "any":
      return "anything";
    case "boolean":
    case "number":
    case "string":
      return `a ${shape.kind}`;
  }
}
