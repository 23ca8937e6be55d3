/** Configuration of policies: layers, levels, defaults, validation (pkg/resource/analyzer/config.go). Pure. */
import { z } from "zod";
import type { EnforcementLevel } from "../model";
import { isObject } from "../values";
import type { Properties, Value } from "../values";

const LEVELS: readonly string[] = [
  "advisory",
  "mandatory",
  "remediate",
  "disabled",
] satisfies EnforcementLevel[];
const isLevel = (value: Value | undefined): value is EnforcementLevel =>
  typeof value === "string" && LEVELS.includes(value);

/** Sets the level of every policy of a layer. */
const ALL = "all";

export interface PolicySettings {
  enforcementLevel?: EnforcementLevel;
  properties: Properties;
}
/** By policy name. */
export type PolicyConfig = Record<string, PolicySettings>;

/** What a pack says of one of its policies. */
export interface PolicyDescription {
  name: string;
  enforcementLevel: EnforcementLevel;
  /** JSON schemas of its configuration, by property. */
  properties: Properties;
  required: string[];
}

/**
 * The content of a `--policy-pack-config` file: by policy (or `all`) a level, or an object of properties that may hold an
 * `enforcementLevel`. Throws an error that names `file` and every fault.
 */
export function parsePolicyConfig(text: string, file: string): PolicyConfig {
  if (text.trim() === "") return {};
  const faults: string[] = [];
  const config: PolicyConfig = {};
  for (const [policy, given] of Object.entries(parseObject(text, file))) {
    const value = typeof given === "string" ? { enforcementLevel: given } : given;
    if (!isObject(value)) {
      faults.push(`${policy}: ${JSON.stringify(given)} is not a valid value; give a level or an object`);
      continue;
    }
    const { enforcementLevel, ...properties } = value;
    if (enforcementLevel !== undefined && !isLevel(enforcementLevel)) {
      const allowed = LEVELS.join(", ");
      faults.push(
        `${policy}: ${JSON.stringify(enforcementLevel)} is not an enforcement level; use one of ${allowed}`,
      );
    } else config[policy] = { ...(enforcementLevel === undefined ? {} : { enforcementLevel }), properties };
  }
  if (faults.length > 0)
    throw new Error(`the policy configuration ${file} is not valid:\n  ${faults.join("\n  ")}`);
  return config;
}

function parseObject(text: string, file: string): Properties {
  let content: Value;
  try {
    content = JSON.parse(text) as Value;
  } catch (error) {
    throw new Error(`the policy configuration ${file} is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(content)) throw new Error(`the policy configuration ${file} must be a JSON object`);
  return content;
}

/**
 * The configuration of every policy of a pack: its defaults, then each layer over them. In a layer, `all` sets the level of
 * every policy before the policies' own entries count.
 */
export function layerPolicyConfig(policies: PolicyDescription[], layers: PolicyConfig[]): PolicyConfig {
  const config: PolicyConfig = {};
  for (const { name, enforcementLevel, properties } of policies) {
    const defaults = Object.entries(properties).flatMap(([key, schema]) =>
      isObject(schema) && schema["default"] !== undefined ? [[key, schema["default"]] as const] : [],
    );
    config[name] = { enforcementLevel, properties: Object.fromEntries(defaults) };
  }
  for (const layer of layers) {
    const level = layer[ALL]?.enforcementLevel;
    if (level) for (const settings of Object.values(config)) settings.enforcementLevel = level;
    for (const [name, settings] of Object.entries(layer)) {
      if (name === ALL) continue;
      const properties = { ...config[name]?.properties, ...settings.properties };
      config[name] = { ...config[name], ...settings, properties };
    }
  }
  return config;
}

/** Every fault of a configuration against the policies' schemas, as `policy: property: what is wrong`. */
export function policyConfigFaults(policies: PolicyDescription[], config: PolicyConfig): string[] {
  return policies.flatMap(({ name, properties, required }) => {
    if (Object.keys(properties).length === 0 && required.length === 0) return [];
    const given = config[name]?.properties ?? {};
    const missing = required
      .filter((key) => given[key] === undefined)
      .map((key) => `${name}: ${key}: is required`);
    const schema = z.fromJSONSchema({ type: "object", properties } as Parameters<typeof z.fromJSONSchema>[0]);
    const issues = schema.safeParse(given).error?.issues ?? [];
    return [...missing, ...issues.map((issue) => `${name}: ${issue.path.join(".")}: ${issue.message}`)];
  });
}
