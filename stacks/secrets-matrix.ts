/**
 * The secrets matrix: every secret, who answers for it, who uses it, how often it changes, and where each environment has it from. Pure;
 * docs/deployment/env_matrix.md is made from it.
 *
 * A new secret is one row here; a row without an answer for every environment does not compile.
 */
import type { Environment } from "./environments";

/** Where a secret comes from in one environment. */
export type SecretSource =
  /** Made by the stack itself, kept in its state, encrypted; `slipway:secretRotation` makes it anew. */
  | { kind: "generated"; length: number }
  /** `pulumi config set --secret slipway:<name>`. */
  | { kind: "config" }
  /** Held by AWS Secrets Manager under a KMS key of the stack; the stack only ever names it, and `rotatedBy` makes it anew. */
  | { kind: "vault"; rotatedBy: "RDS" | "stack" }
  /** Given to the deploying process alone; never in configuration or state. */
  | { kind: "environment"; variable: string }
  /** This environment does without. */
  | { kind: "absent" };

interface SecretRow {
  readonly purpose: string;
  /** The role that answers for it. */
  readonly owner: string;
  /** How long a value may live, in days. */
  readonly rotationDays: number;
  readonly consumers: readonly string[];
  readonly sources: Readonly<Record<Environment, SecretSource>>;
}

export const secretNames = ["postgresPassword", "redisPassword", "cloudflareApiToken"] as const;
export type SecretName = (typeof secretNames)[number];

export const secretsMatrix: Readonly<Record<SecretName, SecretRow>> = {
  postgresPassword: {
    purpose: "the database user's password",
    owner: "platform engineering",
    // RDS rotates the secrets it manages every seven days by default (RDS User Guide, "Password management with Secrets Manager").
    rotationDays: 7,
    consumers: ["service", "migrations", "backups"],
    sources: {
      local: { kind: "generated", length: 32 },
      staging: { kind: "vault", rotatedBy: "RDS" },
      production: { kind: "vault", rotatedBy: "RDS" },
    },
  },
  redisPassword: {
    purpose: "the cache's password",
    owner: "platform engineering",
    rotationDays: 90,
    consumers: ["service"],
    sources: {
      local: { kind: "generated", length: 32 },
      staging: { kind: "vault", rotatedBy: "stack" },
      production: { kind: "vault", rotatedBy: "stack" },
    },
  },
  cloudflareApiToken: {
    purpose: "edits DNS, Worker and D1 of one zone",
    owner: "platform engineering",
    rotationDays: 90,
    consumers: ["deployment"],
    sources: {
      local: { kind: "absent" },
      // Cloudflare takes no identity from GitHub in a token's place.
      staging: { kind: "environment", variable: "CLOUDFLARE_API_TOKEN" },
      production: { kind: "environment", variable: "CLOUDFLARE_API_TOKEN" },
    },
  },
};

/** The secrets that a stack makes anew when `slipway:secretRotation` gives them another text. */
export function rotatedByStack(environment: Environment): SecretName[] {
  return secretNames.filter((name) => {
    const source = secretsMatrix[name].sources[environment];
    return source.kind === "generated" || (source.kind === "vault" && source.rotatedBy === "stack");
  });
}
