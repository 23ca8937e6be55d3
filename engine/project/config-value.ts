/**
 * Configuration values as `Pulumi.<stack>.yaml` holds them: strings, or objects and arrays of JSON values, where a map whose only
 * key is `secure` holds a ciphertext. The rules are the CLI's (sdk/go/common/resource/config).
 */
import type { PropertyPath } from "../deploy/property-path";
import type { Decrypter } from "../state/secrets";
import { isObject, mapValue, someValue, type Properties, type Value } from "../values";

export function isSecure(value: Value | undefined): value is { secure: string } {
  return isObject(value) && typeof value["secure"] === "string" && Object.keys(value).length === 1;
}

/** True when the value, or anything inside it, is encrypted. */
export const hasSecure = (value: Value): boolean => someValue(value, isSecure);

/** The value with every ciphertext in it decrypted. */
export function decrypted(value: Value, decrypter: Decrypter | undefined): Value {
  return mapValue(value, (inner) => {
    if (!isSecure(inner)) return undefined;
    if (!decrypter)
      throw new Error("this configuration value is encrypted, and there is nothing to decrypt it with");
    return decrypter.decrypt(inner.secure);
  });
}

/**
 * The string that a program is given: a scalar as it is, objects and arrays as JSON with sorted keys.
 * @param decrypter needed only when `hasSecure(value)`.
 */
export function configText(value: Value, decrypter?: Decrypter): string {
  const plain = decrypted(value, decrypter);
  return typeof plain === "string" ? plain : JSON.stringify(sorted(plain));
}

function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
}

/** The value at the path, or undefined when there is none; what is encrypted has no inside. */
export function valueAt(value: Value | undefined, path: PropertyPath): Value | undefined {
  return path.reduce<Value | undefined>((at, key) => {
    if (typeof key === "number") return Array.isArray(at) ? at[key] : undefined;
    return isObject(at) && !isSecure(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }, value);
}

/**
 * A copy of `root` with `value` at the path. Missing containers are made; a scalar at the top gives way to a container.
 * @throws Error when a key does not fit the container it is for.
 */
export function withValueAt(root: Value | undefined, path: PropertyPath, value: Value, at = ""): Value {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const place = at === "" ? "the value" : at;
  if (Array.isArray(root)) {
    if (typeof key !== "number") throw new Error(`${place} is an array: '${key}' must be an index`);
    if (key > root.length)
      throw new Error(`array index ${key} is out of range: ${place} has ${root.length} elements`);
    return setElement(root, key, withValueAt(root[key], rest, value, `${at}[${key}]`));
  }
  if (isObject(root) && !isSecure(root)) {
    if (typeof key !== "string") throw new Error(`${place} is a map: [${key}] must be a name`);
    return notReserved({ ...root, [key]: withValueAt(root[key], rest, value, `${at}.${key}`) });
  }
  if (root !== undefined && root !== null && at !== "") {
    throw new Error(
      `${place} is a single value: it has no ${typeof key === "number" ? "elements" : "properties"}`,
    );
  }
  const container: Value = typeof key === "number" ? new Array<Value>(key + 1).fill(null) : {};
  return withValueAt(container, path, value, at);
}

function setElement(array: Value[], index: number, value: Value): Value[] {
  const copy = [...array];
  copy[index] = value;
  return copy;
}

/** A copy of `root` without what is at the path; the same when there is nothing. */
export function withoutValueAt(root: Value, path: PropertyPath): Value {
  const [key, ...rest] = path;
  if (key === undefined || valueAt(root, path) === undefined) return root;
  if (Array.isArray(root) && typeof key === "number") {
    if (rest.length === 0) return root.filter((_, index) => index !== key);
    return setElement(root, key, withoutValueAt(root[key] ?? null, rest));
  }
  const copy = { ...(root as Properties) };
  if (rest.length === 0) delete copy[key];
  else copy[key] = withoutValueAt(copy[key] ?? null, rest);
  return notReserved(copy);
}

function notReserved(map: Properties): Properties {
  if (isSecure(map)) throw new Error('maps with the single key "secure" are reserved');
  return map;
}

/** What `config set --path` makes of its argument: `true`, `false` and integers without a leading zero become what they look like. */
export function coerced(text: string): Value {
  if (text === "true" || text === "false") return text === "true";
  const number = /^([-+]?[1-9]\d*|0)$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : text;
}
