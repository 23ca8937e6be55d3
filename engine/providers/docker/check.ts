/** Check: a program's inputs, validated against a schema, coerced to its types, with its defaults filled in. Pure. */
import { createHash } from "node:crypto";
import type { CheckResult } from "../../model";
import type { Properties, Value } from "../../values";
import { isObject, isUnknown } from "../../values";
import { elementField, str } from "./schema";
import type { Field, Schema } from "./schema";

/** Which value is wrong (a property path) and why. */
export interface Fault {
  path: string;
  reason: string;
}

/** The names of the properties that a default has filled in; the bridged provider keeps the same list at every level. */
const DEFAULTS = "__defaults";

export function checkInputs(
  schema: Schema,
  resource: { name: string; autonamed: boolean },
  olds: Properties,
  news: Properties,
  randomSeed: Buffer,
  extraFaults: (inputs: Properties) => Fault[] = () => [],
): CheckResult {
  const faults: Fault[] = [];
  const named = { ...news };
  const isNamed = typeof news.name === "string" && news.name !== "";
  if (resource.autonamed && !isNamed) named.name = automaticName(resource.name, olds, randomSeed);
  const inputs = checkObject(schema, named, "", faults);
  if (resource.autonamed && !isNamed) inputs[DEFAULTS] = [...defaultsOf(inputs), "name"].sort();
  faults.push(...extraFaults(inputs));
  const failures = faults.map(({ path, reason }) => ({
    property: "",
    reason: `${reason}. Examine values at '${resource.name}.${path}'.`,
  }));
  return { inputs, failures };
}

export function defaultsOf(inputs: Properties): string[] {
  const names = inputs[DEFAULTS];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}

/** The name it has, while that was automatic, else `<resource>-<7 hex digits>`. */
function automaticName(resource: string, olds: Properties, randomSeed: Buffer): Value {
  if (defaultsOf(olds).includes("name") && olds.name !== undefined) return olds.name;
  const suffix = createHash("sha256").update(randomSeed).digest("hex").slice(0, 7);
  return `${resource.slice(0, 255 - 8)}-${suffix}`;
}

function checkObject(schema: Schema, value: Properties, prefix: string, faults: Fault[]): Properties {
  const result: Properties = {};
  const defaults: string[] = [];
  for (const key of Object.keys(value)) {
    const field = schema[key];
    if (key === DEFAULTS || value[key] === null) continue;
    if (!field || field.output) {
      faults.push({ path: prefix + key, reason: "Invalid or unknown key" });
    } else if (field.unsupported) {
      faults.push({ path: prefix + key, reason: `"${key}" is not supported: ${field.unsupported}` });
    }
  }
  for (const [name, field] of Object.entries(schema)) {
    const given = value[name];
    if (field.output || field.unsupported) continue;
    if (given !== undefined && given !== null) {
      result[name] = checkValue(field, given, prefix + name, faults);
    } else if (field.required) {
      const detail = `The argument "${name}" is required, but no definition was found.`;
      faults.push({ path: prefix + name, reason: `Missing required argument. ${detail}` });
    } else if (field.default) {
      // Zero values are not written: the bridged provider does not either.
      result[name] = field.default;
      defaults.push(name);
    }
  }
  result[DEFAULTS] = defaults.sort();
  return result;
}

function checkValue(field: Field, value: Value, path: string, faults: Fault[]): Value {
  if (isUnknown(value)) return value;
  const fail = (expected: string): Value => {
    faults.push({ path, reason: `Incorrect type. Expected ${expected}, got ${describe(field, value)}` });
    return value;
  };
  switch (field.kind) {
    case "bool":
      if (value === "true" || value === "false") return value === "true";
      return typeof value === "boolean" ? value : fail("true or false");
    case "int":
    case "string": {
      const coerced = field.kind === "int" ? toInteger(value) : toText(value);
      if (coerced === undefined) return fail(field.kind === "int" ? "a whole number" : "a string");
      const wrong = coerced === "" ? undefined : field.check?.(coerced);
      if (wrong) faults.push({ path, reason: wrong });
      return coerced;
    }
    case "map":
      if (!isObject(value)) return fail("a map of strings");
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, each]) => each !== null)
          .map(([key, each]) => [key, checkValue(str(""), each, `${path}["${key}"]`, faults)]),
      );
    case "block":
      return isObject(value) ? checkObject(field.fields ?? {}, value, `${path}.`, faults) : fail("an object");
    case "list":
    case "set":
      if (!Array.isArray(value)) return fail("a list");
      return value.map((each, index) => {
        if (each !== null) return checkValue(elementField(field), each, `${path}[${index}]`, faults);
        faults.push({ path: `${path}[${index}]`, reason: "Null value found in list" });
        return each;
      });
  }
}

function toInteger(value: Value): number | undefined {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

const toText = (value: Value): string | undefined => (typeof value === "object" ? undefined : String(value));

/** Text may be secret: only what was meant to be a number or a yes-or-no is shown. */
function describe(field: Field, value: Value): string {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "an object";
  return field.kind === "int" || field.kind === "bool" ? JSON.stringify(value) : `a ${typeof value}`;
}
