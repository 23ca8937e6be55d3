/** `Pulumi.yaml`: what a project is and which configuration it declares. */
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { hasType, typeName, type ItemsType } from "./config-type";

const nonEmpty = z.string().min(1);
const simpleType = z.enum(["string", "integer", "boolean", "array", "object"]);
const itemsType: z.ZodType<ItemsType> = z.object({
  type: simpleType,
  get items() {
    return itemsType.optional();
  },
});

const declaration = z.strictObject({
  type: simpleType.optional(),
  items: itemsType.optional(),
  description: z.string().optional(),
  secret: z.boolean().optional(),
  /** Of a key of this project. */
  default: z.json().optional(),
  /** Of a key of another namespace (`aws:region`). */
  value: z.json().optional(),
});
/** One entry under `config:`; shorthand values are turned into `default` (this project's keys) or `value` (others'). */
export type ConfigDeclaration = z.infer<typeof declaration>;

const plugin = z.strictObject({ name: nonEmpty, path: nonEmpty, version: z.string().optional() });
/** A plugin that is run from a folder; `path` is as written, relative to the project's folder. */
export type LocalPlugin = z.infer<typeof plugin>;

const projectFile = z.looseObject({
  name: z
    .string("the project needs a name")
    .regex(/^[A-Za-z0-9_.-]{1,100}$/, "a name is 1 to 100 letters, digits, hyphens, underscores and periods"),
  runtime: z.union([
    nonEmpty,
    z.strictObject({ name: nonEmpty, options: z.record(z.string(), z.unknown()).optional() }),
  ]),
  main: z.string().nullish(),
  config: z
    .union([
      z.string(),
      z.record(z.string(), z.union([z.string(), z.int(), z.boolean(), z.array(z.json()), declaration])),
    ])
    .nullish(),
  stackConfigDir: z.string().nullish(),
  backend: z.strictObject({ url: z.string().optional() }).nullish(),
  plugins: z
    .strictObject({
      providers: z.array(plugin).nullish(),
      analyzers: z.array(plugin).nullish(),
      languages: z.array(plugin).nullish(),
    })
    .nullish(),
});

export interface Project {
  /** Absolute path of `Pulumi.yaml`. */
  file: string;
  /** The folder that holds it. */
  root: string;
  name: string;
  runtime: { name: string; options: Record<string, unknown> };
  /** Entry point or its folder, relative to `root`, as written. */
  main?: string;
  /** By key as written: `key` or `namespace:key`. */
  config: Record<string, ConfigDeclaration>;
  providers: LocalPlugin[];
  analyzers: LocalPlugin[];
  backendUrl?: string;
  /** Absolute path of the folder of the `Pulumi.<stack>.yaml` files. */
  stackConfigDirectory: string;
}

/**
 * The path of the nearest `Pulumi.yaml` (or `.yml`, `.json`) in `directory` or above it.
 * @throws Error when there is none.
 */
export function findProject(directory: string): string {
  const start = path.resolve(directory);
  for (let folder = start; ; folder = path.dirname(folder)) {
    for (const extension of [".json", ".yaml", ".yml"]) {
      const file = path.join(folder, `Pulumi${extension}`);
      if (fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true) return file;
    }
    if (path.dirname(folder) === folder) {
      throw new Error(
        `no Pulumi.yaml project file found (searching upwards from ${start}); go to the project's folder or name it with -C <folder>`,
      );
    }
  }
}

/**
 * Reads and checks a project file.
 * @throws Error that lists every fault with its place.
 */
export function loadProject(file: string): Project {
  const fail = (faults: string[]): never => {
    throw new Error(
      [`the project file ${file} is not valid:`, ...faults.map((fault) => `  ${fault}`)].join("\n"),
    );
  };
  let content: unknown;
  try {
    content = parse(fs.readFileSync(file, "utf8").replace(/^\uFEFF/, "")) ?? {};
  } catch (error) {
    return fail([(error as Error).message]);
  }
  const parsed = projectFile.safeParse(content);
  if (!parsed.success) {
    return fail(
      parsed.error.issues.map((issue) => `${issue.path.join(".") || "the file"}: ${issue.message}`),
    );
  }
  const data = parsed.data;
  const config: Record<string, ConfigDeclaration> = {};
  if (typeof data.config === "object" && data.config !== null) {
    for (const [key, value] of Object.entries(data.config)) {
      const shorthand = typeof value !== "object" || Array.isArray(value);
      if (!shorthand) config[key] = value;
      else config[key] = isOwnKey(data.name, key) ? { default: value } : { value };
    }
  }
  const faults = Object.entries(config).flatMap(([key, value]) => declarationFaults(data.name, key, value));
  if (faults.length > 0) return fail(faults);

  const root = path.dirname(path.resolve(file));
  const runtime = typeof data.runtime === "string" ? { name: data.runtime } : data.runtime;
  return {
    file: path.resolve(file),
    root,
    name: data.name,
    runtime: { name: runtime.name, options: runtime.options ?? {} },
    ...(data.main ? { main: data.main } : {}),
    config,
    providers: data.plugins?.providers ?? [],
    analyzers: data.plugins?.analyzers ?? [],
    ...(data.backend?.url ? { backendUrl: data.backend.url } : {}),
    // `config: <folder>` is the older way to say `stackConfigDir: <folder>`.
    stackConfigDirectory: path.join(
      root,
      data.stackConfigDir ?? (typeof data.config === "string" ? data.config : ""),
    ),
  };
}

/** True for `key` and `project:key`. */
export function isOwnKey(project: string, key: string): boolean {
  return !key.includes(":") || key.startsWith(`${project}:`);
}

function declarationFaults(project: string, key: string, declared: ConfigDeclaration): string[] {
  const { type, items, default: fallback, value } = declared;
  const own = type === undefined ? undefined : { type, items };
  const faults: [wrong: boolean, fault: string][] = isOwnKey(project, key)
    ? [
        [fallback !== undefined && value !== undefined, "cannot have both a 'default' and a 'value'"],
        [type === "array" && items === undefined, "an array must say the type of its 'items'"],
        [
          fallback !== undefined && own !== undefined && !hasType(fallback, own),
          `the default ${JSON.stringify(fallback)} is not of type '${own && typeName(own)}'`,
        ],
      ]
    : [
        [type !== undefined, `only keys of project '${project}' can declare a type`],
        [fallback !== undefined, "keys of another namespace have no 'default'"],
        [value === undefined, "a key of another namespace must have a 'value'"],
      ];
  return faults.filter(([wrong]) => wrong).map(([, fault]) => `config.${key}: ${fault}`);
}
