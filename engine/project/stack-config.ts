/** `Pulumi.<stack>.yaml`: a stack's configuration and the salt of its secrets. Writing keeps comments and order. */
import fs from "node:fs";
import path from "node:path";
import * as yaml from "yaml";
import { writeAtomically } from "../state/files";
import { isObject, valuesEqual, type Value } from "../values";
import type { Project } from "./project";
import { resolvePlain } from "./yaml-scalar";

/** Where a stack's configuration is: `override` (the option `--config-file`), else `Pulumi.<stack>.yaml` of the project. */
export function stackConfigPath(project: Project, stack: string, override?: string): string {
  if (override !== undefined) return path.resolve(override);
  return path.join(project.stackConfigDirectory, `Pulumi.${stack}${path.extname(project.file)}`);
}

export class StackConfig {
  private constructor(
    readonly file: string,
    private readonly project: string,
    private readonly document: yaml.Document,
  ) {}

  /**
   * Reads the file; a missing one is an empty configuration.
   * @param project whose namespace keys without one are in.
   * @param planOnly takes a configuration whose secrets this engine cannot open.
   * @throws Error naming the file and what is wrong in it.
   */
  static load(file: string, project: string, planOnly = false): StackConfig {
    const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8").replace(/^\uFEFF/, "") : "";
    // Every scalar stays the text that it is: what is not touched is written as it was.
    const document = yaml.parseDocument(text, { schema: "failsafe" });
    const config = new StackConfig(file, project, document);
    const [fault] = document.errors;
    if (fault) throw config.error(fault.message);
    if (document.contents !== null && !yaml.isMap(document.contents)) {
      throw config.error("it must hold a map with the keys encryptionsalt and config");
    }
    for (const [key, need] of [
      ["environment", "Pulumi ESC environments"],
      ["encryptedkey", "secrets providers other than the passphrase one"],
    ] as const) {
      if (document.has(key) && !(planOnly && key === "encryptedkey"))
        throw config.error(`'${key}': ${need} are not supported; use the Pulumi CLI for this stack`);
    }
    config.values();
    return config;
  }

  /** Whether its secrets are those of a key service, which this engine cannot open. */
  get hasForeignSecrets(): boolean {
    return this.document.has("encryptedkey");
  }

  /** `v1:<salt>:<check>`, undefined as long as the stack has no secrets. */
  get encryptionSalt(): string | undefined {
    const salt = this.document.get("encryptionsalt");
    return typeof salt === "string" ? salt : undefined;
  }

  set encryptionSalt(salt: string) {
    if (this.document.has("encryptionsalt")) this.document.set("encryptionsalt", salt);
    else {
      if (!yaml.isMap(this.document.contents)) this.document.contents = this.document.createNode({});
      this.document.contents.items.unshift(this.document.createPair("encryptionsalt", salt));
    }
  }

  /** Every value by its full key `namespace:name`, scalars as strings, in the order of the file. */
  values(): Map<string, Value> {
    const values = new Map<string, Value>();
    for (const { key, node, name } of this.pairs()) {
      if (values.has(key)) throw this.error(`config.${name}: '${key}' is there twice`);
      const value = this.read(node, `config.${name}`, true);
      values.set(key, value);
    }
    return values;
  }

  /** @param key full key `namespace:name`. */
  set(key: string, value: Value): void {
    const pair = this.pairs().find((existing) => existing.key === key);
    const node = this.written(pair?.node, value);
    if (pair) this.document.setIn(["config", pair.name], node);
    else {
      if (!yaml.isMap(this.document.get("config"))) this.document.set("config", new yaml.YAMLMap());
      this.document.setIn(["config", key], node);
    }
  }

  /** @param key full key `namespace:name`. */
  delete(key: string): void {
    const pair = this.pairs().find((existing) => existing.key === key);
    if (pair) this.document.deleteIn(["config", pair.name]);
  }

  save(): void {
    writeAtomically(this.file, this.document.toString({ lineWidth: 0 }), 0o644);
  }

  private pairs(): { key: string; name: string; node: unknown }[] {
    const config = this.document.get("config");
    if (!config) return [];
    if (!yaml.isMap(config)) throw this.error("'config' must be a map of keys and values");
    return config.items.map(({ key, value }) => {
      const name = this.name(key, "config");
      return { key: parseConfigKey(name, this.project), name, node: value };
    });
  }

  private name(node: unknown, at: string): string {
    const name = yaml.isScalar(node) ? this.scalar(node, at) : node;
    if (typeof name === "string" && name !== "<<") return name;
    throw this.error(`${at}: the key ${String(node)} must be a string; put it in quotes`);
  }

  private read(node: unknown, at: string, top = false): Value {
    if (yaml.isAlias(node)) return this.read(node.resolve(this.document), at, top);
    if (yaml.isSeq(node)) return node.items.map((item, index) => this.read(item, `${at}[${index}]`));
    if (yaml.isMap(node)) {
      return Object.fromEntries(
        node.items.map(({ key, value }) => {
          const name = this.name(key, at);
          return [name, this.read(value, `${at}.${name}`)];
        }),
      );
    }
    const value = this.scalar(node, at);
    if (top) return value === null ? "" : String(value);
    if (typeof value === "bigint")
      throw this.error(`${at}: ${value} has more digits than a number keeps; put it in quotes`);
    return value;
  }

  private scalar(node: unknown, at: string): null | boolean | number | bigint | string {
    if (!yaml.isScalar(node)) return null;
    const text = String(node.value);
    if (node.type !== "PLAIN" || node.tag !== undefined) return text;
    try {
      return resolvePlain(text);
    } catch (error) {
      throw this.error(`${at}: ${(error as Error).message}`);
    }
  }

  /** The node for a value: the old one wherever it says the same, so that its comments and style stay. */
  private written(old: unknown, value: Value): unknown {
    if (yaml.isMap(old) && isObject(value)) {
      for (const item of [...old.items])
        if (!Object.hasOwn(value, this.name(item.key, ""))) old.delete(item.key);
      for (const [key, inner] of Object.entries(value)) {
        const before = old.get(key, true);
        old.set(before === undefined ? scalarNode(key) : key, this.written(before, inner));
      }
      return old;
    }
    if (yaml.isSeq(old) && Array.isArray(value)) {
      old.items = value.map((element, index) => this.written(old.items[index], element));
      return old;
    }
    if (old !== undefined && valuesEqual(this.read(old, ""), value)) return old;
    const node = this.document.createNode(nodes(value));
    if (yaml.isScalar(old) && yaml.isScalar(node)) node.comment = old.comment ?? null;
    return node;
  }

  private error(message: string): Error {
    return new Error(`the stack configuration ${this.file} is not valid: ${message}`);
  }
}

/** Arrays and maps of scalar nodes, of which `createNode` makes sequences and mappings. */
function nodes(value: Value): unknown {
  if (Array.isArray(value)) return value.map(nodes);
  if (!isObject(value)) return scalarNode(value);
  return new Map(Object.entries(value).map(([key, inner]) => [scalarNode(key), nodes(inner)]));
}

/** Strings that would be read as something else are put in quotes. */
function scalarNode(value: null | boolean | number | string): yaml.Scalar {
  const node = new yaml.Scalar(String(value));
  if (typeof value !== "string") node.type = "PLAIN";
  else if (looksOtherwise(value)) node.type = "QUOTE_DOUBLE";
  return node;
}

function looksOtherwise(text: string): boolean {
  try {
    return resolvePlain(text) !== text;
  } catch {
    return true;
  }
}

/**
 * The full form `namespace:name` of a key; one without a namespace is the project's. `namespace:config:name` is an older spelling.
 * @throws Error when it is none of these.
 */
export function parseConfigKey(key: string, project: string): string {
  const parts = key.split(":");
  if (parts.length === 3 && parts[1] === "config") parts.splice(1, 1);
  if (parts.length === 1) parts.unshift(project);
  if (parts.length === 2 && parts.every((part) => part !== "")) return parts.join(":");
  throw new Error(
    `could not parse ${key} as a configuration key (configuration keys should be of the form \`<namespace>:<name>\`)`,
  );
}
