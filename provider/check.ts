/** Inputs against a schema: every fault at once, unknown values taken on trust until they are known. Pure. */
import type * as z from "zod";
import type { CheckFailure } from "../engine/model";
import type { Properties, Value } from "../engine/values";
import { isObject, isSecret, isUnknown, unwrapSecrets } from "../engine/values";

const shownLength = 80;

/** What is wrong with `inputs`, each fault naming the property, its value and what is allowed. */
export function checkInputs(schema: z.ZodType, inputs: Properties): CheckFailure[] {
  const issues = schema.safeParse(unwrapSecrets(inputs)).error?.issues ?? [];
  return issues.flatMap((issue) => {
    const value = valueAt(inputs, issue.path);
    if (value === "unknown") return [];
    const property = pathText(issue.path);
    if (issue.code === "unrecognized_keys") {
      const inside = property === "" ? "here" : `in ${property}`;
      return issue.keys.map((key) => ({
        property: pathText([...issue.path, key]),
        reason: `${key} is not known ${inside}: is it misspelt?`,
      }));
    }
    const got = value.found === undefined ? "is missing" : `is ${value.found}`;
    return [{ property, reason: `${property} ${got}; allowed: ${issue.message}` }];
  });
}

/** The value as it may be shown, or "unknown" when it, or what holds it, is not known yet. */
function valueAt(
  inputs: Properties,
  path: readonly PropertyKey[],
): "unknown" | { found: string | undefined } {
  let value: Value | undefined = inputs;
  let secret = false;
  for (const key of [undefined, ...path]) {
    if (key !== undefined) value = isObject(value) || Array.isArray(value) ? child(value, key) : undefined;
    while (isSecret(value)) {
      secret = true;
      value = value.value;
    }
    if (isUnknown(value)) return "unknown";
  }
  if (value === undefined) return { found: undefined };
  return { found: secret ? "[secret]" : shorten(JSON.stringify(value)) };
}

function child(holder: Properties | Value[], key: PropertyKey): Value | undefined {
  return Object.hasOwn(holder, key) ? (holder as Properties)[String(key)] : undefined;
}

function shorten(text: string): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}

/** `servers[0].port` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const name = String(key);
    if (!/^[A-Za-z_][\w-]*$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === "" ? name : `${text}.${name}`;
  }, "");
}
