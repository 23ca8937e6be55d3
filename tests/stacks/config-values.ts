/** The tracked configuration, as an engine hands it to the program. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Environment } from "../../stacks/environments";

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

export const project = parse(readFileSync("Pulumi.yaml", "utf8")) as {
  config: Record<string, { type: string; description: string; default: unknown }>;
};

export const defaults: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(project.config).map(([key, { default: value }]) => [key, text(value)]),
);

/** What Pulumi.<environment>.yaml says, without the namespace. */
export function ownValues(environment: Environment): Record<string, string> {
  const { config } = parse(readFileSync(`Pulumi.${environment}.yaml`, "utf8")) as {
    config: Record<string, unknown>;
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("slipway:", ""), text(value)]),
  );
}

export function valuesOf(environment: Environment): Record<string, string> {
  return { ...defaults, ...ownValues(environment) };
}

/** Values with one member of an object key changed. */
export function withMember(
  values: Readonly<Record<string, string>>,
  key: string,
  path: readonly string[],
  value: unknown,
): Record<string, string> {
  const root = JSON.parse(values[key] ?? "{}") as Record<string, unknown>;
  let at = root;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
  at[path.at(-1) ?? ""] = value;
  return { ...values, [key]: JSON.stringify(root) };
}
