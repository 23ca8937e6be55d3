/** The only reader of plain configuration. Secrets are read in secrets.ts, and nowhere else. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { strategySchema } from "../provider/schema/strategy";
import { serviceName, version } from "../provider/schema/words";

/** Config values arrive as text, objects as JSON text. */
const integer = (minimum: number, maximum: number) => {
  const allowed = `a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^-?\d+$/, allowed)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, allowed);
};

const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "an object" });
        return z.NEVER;
      }
    })
    .pipe(schema);

const pinnedImage = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64}$/, "an image pinned by digest, name:tag@sha256:…");

const boolean = z.enum(["true", "false"], "true or false").transform((text) => text === "true");
const flagName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,39}$/, "names of letters and digits, from a small letter on");
const command = z
  .array(z.string().min(1), "a command as a list of words")
  .min(1, "a command as a list of words");

const dockerName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/, "2 to 40 of a-z, 0-9 and -, from a letter on");
const memoryMb = integer(64, 65536);
const seconds = (minimum: number) => integer(minimum, 3600);

const configSchema = z.strictObject({
  service: serviceName,
  version: z.union(
    [z.literal(""), version],
    "empty, or a semantic version without build metadata, such as 1.4.0",
  ),
  rollbackTo: z.union([z.literal(""), version], "empty, or the version to go back to, such as 1.3.0"),
  dataRestored: boolean,
  releaseHold: boolean,
  featureFlags: json(z.record(flagName, z.boolean("true or false"))),
  toggles: json(z.record(flagName, z.enum(["live", "mock"], '"live" or "mock"'))),
  prefix: dockerName,
  network: dockerName,
  strategy: json(strategySchema),
  replicas: integer(1, 8),
  gatewayPort: integer(1024, 65535),
  maxBodyBytes: integer(1024, 104857600),
  postgresMemoryMb: memoryMb,
  redisMemoryMb: memoryMb,
  gatewayMemoryMb: memoryMb,
  serviceMemoryMb: memoryMb,
  readyTimeoutSeconds: seconds(1),
  smokeTimeoutSeconds: seconds(1),
  drainSeconds: seconds(0),
  migrations: json(z.strictObject({ list: command, run: command })),
  migrationTimeoutSeconds: seconds(1),
  backup: json(z.strictObject({ keepCount: z.int().min(1).max(1000), keepDays: z.int().min(1).max(3650) })),
  monitor: json(
    z.strictObject({
      seconds: z.int().min(0).max(86_400),
      minRequests: z.int().min(1),
      maxErrorPercent: z.number().min(0).max(100),
    }),
  ),
  secretRotation: json(z.record(z.string(), z.string())),
  postgresImage: pinnedImage,
  redisImage: pinnedImage,
  nodeImage: pinnedImage,
  debianImage: pinnedImage,
});

/** A stack's validated configuration; Pulumi.yaml describes each key. */
export type StackConfig = Readonly<z.infer<typeof configSchema>>;

/**
 * Validates a stack's configuration and tells all its faults at once, each with the key, the value and what is allowed.
 *
 * @param values every key of the project's namespace, without the namespace, as text
 * @param isSecret tells the keys whose values must not be printed
 * @throws pulumi.RunError, which Pulumi shows as one message without a stack trace
 */
export function parseConfig(
  values: Readonly<Record<string, string>>,
  isSecret: (key: string) => boolean,
): StackConfig {
  const result = configSchema.safeParse(values);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => {
    const [key, ...path] = issue.path.map(String);
    if (issue.code === "unrecognized_keys" && key === undefined) {
      return issue.keys.map(
        (unknown) => `slipway:${unknown} is no key of this project${suggestion(unknown)}`,
      );
    }
    const name = [`slipway:${key}`, ...path].join(".");
    const value = key === undefined ? undefined : values[key];
    if (value === undefined) return [`${name} is missing; allowed: ${issue.message}`];
    return [
      `${name} is ${isSecret(key ?? "") ? "[secret]" : JSON.stringify(value)}; allowed: ${issue.message}`,
    ];
  });
  throw new pulumi.RunError(
    `The configuration has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}:\n` +
      faults.map((fault) => `  - ${fault}`).join("\n") +
      "\nMend it in the stack's Pulumi.<stack>.yaml or with `pulumi config set`; Pulumi.yaml describes every key.",
  );
}

/** The closest known key, when one is close enough to be what was meant. */
function suggestion(unknown: string): string {
  const near = Object.keys(configSchema.shape).find(
    (key) => key.toLowerCase() === unknown.toLowerCase() || distance(key, unknown) <= 2,
  );
  return near === undefined
    ? `; keys are ${Object.keys(configSchema.shape).join(", ")}`
    : `; did you mean ${near}?`;
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

/** Reads and validates the configuration of the stack that is being run. */
export function loadConfig(project: string): StackConfig {
  const prefix = `${project}:`;
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) {
    if (key.startsWith(prefix)) values[key.slice(prefix.length)] = value;
  }
  // What engines tell the program beside PULUMI_CONFIG; the SDK keeps its own reading of it to itself.
  const secretKeys = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as string[];
  return parseConfig(values, (key) => secretKeys.includes(`${prefix}${key}`));
}
