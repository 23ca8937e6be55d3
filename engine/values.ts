/**
 * Property values, in the one form the engine uses everywhere: the JSON of Pulumi's wire protocol.
 *
 * A secret, asset, archive, resource reference or output value is a map with the signature key `SIG`; an unknown is one of
 * the sentinel strings below. Nothing is converted between the program, the providers, the policies and the state file
 * but what this file names (source: sdk/nodejs/runtime/rpc.ts, sdk/go/common/resource/plugin/rpc.go).
 */
export type Value = null | boolean | number | string | Value[] | Properties;
export interface Properties {
  [key: string]: Value;
}

/** The key that marks a map as something other than a plain object. */
export const SIG = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const ASSET = "c44067f5952c0a294b673a41bacd8c17";
export const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
export const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
export const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** What the engine and the SDK write for a value that only the update itself will know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWNS: ReadonlySet<string> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

export function isUnknown(value: Value | undefined): boolean {
  return typeof value === "string" && UNKNOWNS.has(value);
}

export function isObject(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The signature of a special map, or undefined for a plain value. */
export function signatureOf(value: Value | undefined): string | undefined {
  const signature = isObject(value) ? value[SIG] : undefined;
  return typeof signature === "string" ? signature : undefined;
}

export function isSecret(value: Value | undefined): value is Properties & { value: Value } {
  return signatureOf(value) === SECRET;
}

export function makeSecret(value: Value): Properties {
  return isSecret(value) ? value : { [SIG]: SECRET, value };
}

export const isReference = (value: Value | undefined): value is Properties => signatureOf(value) === RESOURCE;

/** A state has an unknown id as the empty string. */
const idOf = ({ id }: Properties): Value | undefined => (isUnknown(id) ? "" : id);

/** A copy in which `visit` has replaced every value it answered for; `undefined` from it means: look inside. */
export function mapValue(value: Value, visit: (value: Value) => Value | undefined): Value {
  const replaced = visit(value);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return value.map((element) => mapValue(element, visit));
  if (isObject(value)) return mapProperties(value, visit);
  return value;
}

/** `mapValue` over each property of an object. */
export function mapProperties(
  properties: Properties,
  visit: (value: Value) => Value | undefined,
): Properties {
  const copy: Properties = {};
  for (const [key, value] of Object.entries(properties)) copy[key] = mapValue(value, visit);
  return copy;
}

/** True when `test` holds for the value or anything inside it. */
export function someValue(value: Value | undefined, test: (value: Value) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (Array.isArray(value)) return value.some((element) => someValue(element, test));
  if (isObject(value)) return Object.values(value).some((element) => someValue(element, test));
  return false;
}

export const containsUnknowns = (value: Value | undefined): boolean => someValue(value, isUnknown);
export const containsSecrets = (value: Value | undefined): boolean => someValue(value, isSecret);

/** The value without its secret wrappers, at any depth. Never print the result. */
export function unwrapSecrets<T extends Value>(value: T): T {
  return mapValue(value, (inner) => (isSecret(inner) ? unwrapSecrets(inner.value) : undefined)) as T;
}

/** Structural equality; key order does not count, and of a reference nothing but what it refers to. */
export function valuesEqual(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((element, index) => valuesEqual(element, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  if (isReference(a) && isReference(b)) return a["urn"] === b["urn"] && idOf(a) === idOf(b);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && valuesEqual(a[key], b[key]))
  );
}
