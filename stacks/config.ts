/** The only reader of plain configuration. Secrets are read in secrets.ts, and nowhere else. */
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { planSubnets } from "../components/backbone/subnets";
import { planEcs } from "../components/deployments/ecs-plan";
import type { CloudEnvironment } from "./environments";
import { cloudSchema, localSchema, type CloudConfig, type LocalConfig, type Place } from "./schema";
import { secretNames } from "./secrets-matrix";

type Values = Readonly<Record<string, string>>;

/** A cloud stack's validated configuration: its own place taken out of the table of both. */
export interface CloudSettings extends Omit<CloudConfig, "environments"> {
  readonly place: Place;
}

/**
 * Validates the local stack's configuration and tells all its faults at once, each with the key, the value and what is allowed.
 *
 * @param values every key of the project's namespace, without the namespace, as text
 * @param isSecret tells the keys whose values must not be printed
 * @throws pulumi.RunError, which Pulumi shows as one message without a stack trace
 */
export function parseLocalConfig(values: Values, isSecret: (key: string) => boolean): LocalConfig {
  return parse(localSchema, values, isSecret);
}

/**
 * The same for a stack on AWS and Cloudflare; then what only the whole tells: whether its network has room for its zones and overlaps the
 * other environment's, whether both are apart, and whether ECS can do its strategy.
 *
 * @throws pulumi.RunError, as parseLocalConfig
 */
export function parseCloudConfig(
  environment: CloudEnvironment,
  values: Values,
  isSecret: (key: string) => boolean,
): CloudSettings {
  const { environments, ...config } = parse(cloudSchema, values, isSecret);
  const faults = [
    ...placeFaults(environment, environments),
    ...wholeFaults(environment, config, environments),
  ];
  if (faults.length > 0) throw configurationError(faults);
  return { ...config, place: environments[environment] };
}

function parse<Schema extends typeof cloudSchema | typeof localSchema>(
  schema: Schema,
  values: Values,
  isSecret: (key: string) => boolean,
): z.infer<Schema> {
  const stray = Object.keys(values).filter((key) => isSecret(key) && !(key in schema.shape));
  const absent = stray.filter((key) => !secretNames.some((name) => name === key));
  const plain = Object.fromEntries(Object.entries(values).filter(([key]) => !stray.includes(key)));
  const result = schema.safeParse(plain);
  const faults = [
    ...absent.map(
      (key) =>
        `slipway:${key} is a secret that is absent from the matrix; give it a row in stacks/secrets-matrix.ts, or remove it`,
    ),
    ...(result.error?.issues ?? []).flatMap((issue) => describe(issue, schema, values, isSecret)),
  ];
  if (result.success && faults.length === 0) return result.data as z.infer<Schema>;
  throw configurationError(faults);
}

/** What is wrong with where an environment is, beside the other. */
function placeFaults(
  environment: CloudEnvironment,
  { staging, production }: Record<CloudEnvironment, Place>,
) {
  const faults: string[] = [];
  const mine = { staging, production }[environment];
  const other = environment === "staging" ? production : staging;
  const network = { region: mine.region, zones: mine.zones, cidr: mine.cidr, reservedCidrs: [other.cidr] };
  faults.push(...planSubnets(network).faults.map((fault) => `slipway:environments.${environment}: ${fault}`));
  for (const key of ["account", "domain", "cloudflareZone"] as const) {
    if (staging[key] === production[key]) {
      faults.push(
        `slipway:environments.production.${key} is "${production[key]}", as staging's; allowed: another one, since a mistake in ` +
          "staging must not reach production",
      );
    }
  }
  return faults;
}

function wholeFaults(
  environment: CloudEnvironment,
  config: Omit<CloudConfig, "environments">,
  { staging }: Record<CloudEnvironment, Place>,
): string[] {
  const faults: string[] = [];
  try {
    planEcs(config.strategy, config.rollbackTo !== "");
  } catch (error) {
    faults.push(`slipway:strategy: ${(error as Error).message}`);
  }
  if (config.cloud.maxReplicas < config.replicas) {
    faults.push(
      `slipway:cloud.maxReplicas is ${config.cloud.maxReplicas}; allowed: at least slipway:replicas, ${config.replicas}`,
    );
  }
  if (environment === "production") {
    for (const [key, value] of Object.entries(config)) {
      if (JSON.stringify(value).includes(staging.domain)) {
        faults.push(
          `slipway:${key} names ${staging.domain}, which is staging's; allowed: production's own addresses`,
        );
      }
    }
  }
  return faults;
}

function describe(
  issue: z.core.$ZodIssue,
  { shape }: typeof cloudSchema | typeof localSchema,
  values: Values,
  isSecret: (key: string) => boolean,
): string[] {
  const [key, ...path] = issue.path.map(String);
  if (issue.code === "unrecognized_keys" && key === undefined) {
    return issue.keys.map(
      (unknown) => `slipway:${unknown} is no key of this project${suggestion(unknown, Object.keys(shape))}`,
    );
  }
  const name = [`slipway:${key}`, ...path].join(".");
  if (issue.code === "unrecognized_keys" && !issue.message.startsWith("nothing")) {
    return issue.keys.map((unknown) => `${name}.${unknown} is not known here; is it misspelt?`);
  }
  const value = valueAt(values[key ?? ""], path);
  if (value === undefined) return [`${name} is missing; allowed: ${issue.message}`];
  return [`${name} is ${isSecret(key ?? "") ? "[secret]" : value}; allowed: ${issue.message}`];
}

/** JSON text of what is at a path inside a key's value; undefined where nothing is. */
function valueAt(text: string | undefined, path: readonly string[]): string | undefined {
  if (text === undefined) return undefined;
  if (path.length === 0) return JSON.stringify(text);
  let value: unknown = JSON.parse(text);
  for (const step of path) value = (value as Record<string, unknown> | null | undefined)?.[step];
  return JSON.stringify(value);
}

function configurationError(faults: readonly string[]): pulumi.RunError {
  return new pulumi.RunError(
    `The configuration has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}:\n` +
      faults.map((fault) => `  - ${fault}`).join("\n") +
      "\nMend it in the stack's Pulumi.<stack>.yaml or with `pulumi config set`; Pulumi.yaml describes every key.",
  );
}

/** The closest known key, when one is close enough to be what was meant. */
function suggestion(unknown: string, keys: readonly string[]): string {
  const near = keys.find((key) => key.toLowerCase() === unknown.toLowerCase() || distance(key, unknown) <= 2);
  return near === undefined ? `; keys are ${keys.join(", ")}` : `; did you mean ${near}?`;
}

/** Levenshtein distance, for names of a few dozen letters. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The configuration of the stack that is being run, as text; and which of its keys are secret. */
export function readConfig(project: string): { values: Values; isSecret: (key: string) => boolean } {
  const prefix = `${project}:`;
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) {
    if (key.startsWith(prefix)) values[key.slice(prefix.length)] = value;
  }
  // What engines tell the program beside PULUMI_CONFIG; the SDK keeps its own reading of it to itself.
  const secretKeys = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as string[];
  return { values, isSecret: (key) => secretKeys.includes(`${prefix}${key}`) };
}
