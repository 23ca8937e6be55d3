/** What is wrong with a resource's inputs, and how it is said. */
import { parsePath } from "../../deploy/property-path";
import { isObject, isSecret, isUnknown, type Properties, type Value } from "../../values";

export interface Fault {
  /** Property path such as `loadBalancers[0].containerPort`. */
  path: string;
  /** What would be right, as the end of "… is X; it must be". */
  allowed: string;
  /** Where the rule is written down. */
  source: string;
}

const SHOWN_CHARACTERS = 120;

/** @param inputs with secrets wrapped: those are not shown. */
export function describeFault(inputs: Properties, { path, allowed, source }: Fault): string {
  return `${path} ${shown(inputs, path)}; ${allowed} [${source}]`;
}

function shown(inputs: Properties, path: string): string {
  let value: Value | undefined = inputs;
  for (const key of parsePath(path) ?? []) {
    if (isSecret(value)) return "is [secret]";
    value = Array.isArray(value) ? value[Number(key)] : isObject(value) ? value[String(key)] : undefined;
  }
  if (value === undefined || value === null) return "is missing";
  if (isSecret(value)) return "is [secret]";
  if (isUnknown(value)) return "is known later";
  const text = JSON.stringify(value, (_, inner: Value) =>
    isSecret(inner) ? "[secret]" : isUnknown(inner) ? "[unknown]" : inner,
  );
  return `is ${text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text}`;
}

/** The value at a path of inputs whose secrets are unwrapped; undefined too for what is null or not known yet. */
export function known(inputs: Properties, path: string): Value | undefined {
  let value: Value | undefined = inputs;
  for (const key of parsePath(path) ?? []) {
    value = Array.isArray(value) ? value[Number(key)] : isObject(value) ? value[String(key)] : undefined;
  }
  return value === null || isUnknown(value) ? undefined : value;
}
