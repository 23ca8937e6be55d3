import { isObject, isUnknown, type Value } from "../values";

/** The type of an array's elements. */
export interface ItemsType {
  type: "string" | "integer" | "boolean" | "array" | "object";
  items?: ItemsType | undefined;
}

/**
 * Whether a configuration value has the declared type; integers and booleans may be strings, as scalars of a stack always are, and what
 * is unknown may be anything.
 */
export function hasType(value: Value, { type, items }: ItemsType): boolean {
  if (isUnknown(value)) return true;
  switch (type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value) || (typeof value === "string" && /^[-+]?\d+$/.test(value));
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value) && items !== undefined && value.every((item) => hasType(item, items));
  }
}

/** `integer`, `array<string>` … */
export function typeName({ type, items }: ItemsType): string {
  return items === undefined ? type : `array<${typeName(items)}>`;
}
