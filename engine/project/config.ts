/** A stack's configuration: its own values over the project's defaults, checked against what the project declares. */
import { parsePath, type PropertyPath } from "../deploy/property-path";
import type { Crypter, Decrypter } from "../state/secrets";
import type { Value } from "../values";
import { hasType, typeName } from "./config-type";
import {
  coerced,
  configText,
  decrypted,
  hasSecure,
  valueAt,
  withoutValueAt,
  withValueAt,
} from "./config-value";
import { isOwnKey, type Project } from "./project";
import { parseConfigKey, type StackConfig } from "./stack-config";

export interface ResolvedConfig {
  /** By full key `namespace:name`: scalars as strings, objects and arrays as JSON, all of it decrypted. */
  values: Map<string, string>;
  /** Full keys of the values that hold a secret. */
  secretKeys: Set<string>;
  /** As stored, secrets encrypted: what the history keeps. */
  stored: Map<string, Value>;
}

/** The stack's values and, where it has none, the project's. Nothing is checked. */
export function mergedConfig(project: Project, stackValues: ReadonlyMap<string, Value>): Map<string, Value> {
  const merged = new Map(stackValues);
  for (const [name, declared] of Object.entries(project.config)) {
    const [key, path] = location(project.name, name, true);
    const fallback = declared.default ?? declared.value;
    if (fallback === undefined || valueAt(merged.get(key), path) !== undefined) continue;
    // Scalars of a stack are strings, so its defaults are, except inside a map.
    const value = path.length === 0 && typeof fallback !== "object" ? String(fallback) : fallback;
    merged.set(key, withValueAt(merged.get(key), path, value));
  }
  return merged;
}

/**
 * Everything a deployment is given.
 * @param decrypter needed only when a value is encrypted.
 * @throws Error that lists every missing and every mistyped key at once; secret values are not shown.
 */
export function resolveConfig(
  project: Project,
  stack: string,
  stackValues: ReadonlyMap<string, Value>,
  decrypter?: Decrypter,
): ResolvedConfig {
  const stored = mergedConfig(project, stackValues);
  const faults: string[] = [];
  for (const [name, declared] of Object.entries(project.config)) {
    if (!isOwnKey(project.name, name)) continue;
    const [key, path] = location(project.name, name, true);
    const value = valueAt(stored.get(key), path);
    const type = declared.type === undefined ? undefined : { type: declared.type, items: declared.items };
    const expected = type === undefined ? "" : ` of type '${typeName(type)}'`;
    if (value === undefined) {
      faults.push(
        `Stack '${stack}' is missing configuration value '${name}'${expected}; set it with \`config set ${name} <value>\``,
      );
    } else if (declared.secret === true && !hasSecure(value)) {
      faults.push(
        `Stack '${stack}' with configuration key '${name}' must be encrypted as it's secret; set it with \`config set --secret ${name}\``,
      );
    } else if (type !== undefined && !hasType(decrypted(value, decrypter), type)) {
      const got = hasSecure(value) ? "[secret]" : JSON.stringify(value);
      faults.push(`Stack '${stack}' with configuration key '${name}' must be${expected}, but it is ${got}`);
    }
  }
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return {
    values: new Map([...stored].map(([key, value]) => [key, configText(value, decrypter)])),
    secretKeys: new Set([...stored].filter(([, value]) => hasSecure(value)).map(([key]) => key)),
    stored,
  };
}

/**
 * The value that `config get` shows, still encrypted; undefined when there is none.
 * @param usePath `key` is a property path whose first name is the key (`--path`).
 */
export function getConfig(
  project: Project,
  config: StackConfig,
  key: string,
  usePath: boolean,
): Value | undefined {
  const [fullKey, path] = location(project.name, key, usePath);
  return valueAt(mergedConfig(project, config.values()).get(fullKey), path);
}

/**
 * What `config set` does; the caller saves.
 * @param crypter given: the value is stored encrypted (`--secret`).
 * @throws Error when the path does not fit what is there.
 */
export function setConfig(
  project: Project,
  config: StackConfig,
  key: string,
  text: string,
  usePath: boolean,
  crypter?: Crypter,
): void {
  const [fullKey, path] = location(project.name, key, usePath);
  const plain = path.length > 0 ? coerced(text) : text;
  const value = crypter ? { secure: crypter.encrypt(text) } : plain;
  config.set(fullKey, withValueAt(config.values().get(fullKey), path, value));
}

/**
 * What `--config key=value` does on the command line of an update; without `=` the value is empty. The caller saves.
 * @param usePath keys are property paths (`--config-path`). As with the CLI, what they give takes the place of all that their
 * first name had.
 */
export function overrideConfig(
  project: Project,
  config: StackConfig,
  pairs: readonly string[],
  usePath: boolean,
): void {
  const given = new Map<string, Value>();
  for (const pair of pairs) {
    const [, key = pair, text = ""] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
    const [fullKey, path] = location(project.name, key, usePath);
    const value = path.length > 0 ? coerced(text) : text;
    given.set(fullKey, withValueAt(given.get(fullKey), path, value));
  }
  for (const [key, value] of given) config.set(key, value);
}

/** What `config rm` does; a key that is not there is no error. The caller saves. */
export function removeConfig(project: Project, config: StackConfig, key: string, usePath: boolean): void {
  const [fullKey, path] = location(project.name, key, usePath);
  const root = config.values().get(fullKey);
  if (root === undefined) return;
  if (path.length === 0) config.delete(fullKey);
  else config.set(fullKey, withoutValueAt(root, path));
}

function location(project: string, key: string, usePath: boolean): [key: string, path: PropertyPath] {
  if (!usePath) return [parseConfigKey(key, project), []];
  const [name, ...path] = parsePath(key) ?? [];
  if (typeof name !== "string" || name === "") {
    throw new Error(
      `'${key}' is not a path to a configuration value; such are servers[0].name and ["a.b"].name`,
    );
  }
  return [parseConfigKey(name, project), path];
}
