/**
 * The secrets matrix: which secret each environment has, and where it comes from. The only caller of requireSecret.
 *
 * A new secret is one row here; a row without an answer for every environment does not compile.
 */
import * as pulumi from "@pulumi/pulumi";
import { GeneratedSecrets } from "../components/secrets/generated-secrets";
import type { Environment } from "./environments";

/** Where a secret comes from in one environment. */
type SecretSource =
  /** Made by the stack itself, kept in its state, encrypted; `slipway:secretRotation` makes it anew. */
  | { kind: "generated"; length: number }
  /** `pulumi config set --secret slipway:<name>`. */
  | { kind: "config" }
  /** Held by the environment's vault; the stack only ever names it. */
  | { kind: "vault" }
  /** This environment does without. */
  | { kind: "absent" };

export const secretNames = ["postgresPassword", "redisPassword"] as const;
export type SecretName = (typeof secretNames)[number];

export const secretsMatrix: Readonly<Record<SecretName, Readonly<Record<Environment, SecretSource>>>> = {
  postgresPassword: {
    local: { kind: "generated", length: 32 },
    staging: { kind: "vault" },
    production: { kind: "vault" },
  },
  redisPassword: {
    local: { kind: "generated", length: 32 },
    staging: { kind: "vault" },
    production: { kind: "vault" },
  },
};

/** An environment's secrets, each a secret output. */
export type Secrets = Readonly<Record<SecretName, pulumi.Output<string>>>;

/**
 * Makes or reads every secret of an environment.
 *
 * @param rotation by secret name, any text; a change generates that secret anew
 * @throws pulumi.RunError when `rotation` names what the matrix does not generate here, or a secret has no source here
 */
export function declareSecrets(
  environment: Environment,
  project: string,
  rotation: Readonly<Record<string, string>>,
): Secrets {
  const sourceOf = (name: SecretName): SecretSource => secretsMatrix[name][environment];
  const lengths: Partial<Record<SecretName, { length: number; rotation: string }>> = {};
  for (const name of secretNames) {
    const source = sourceOf(name);
    if (source.kind === "generated")
      lengths[name] = { length: source.length, rotation: rotation[name] ?? "" };
  }
  const stray = Object.keys(rotation).filter((name) => !(name in lengths));
  if (stray.length > 0) {
    throw new pulumi.RunError(
      `slipway:secretRotation names ${stray.join(", ")}, which ${environment} does not generate; ` +
        `it generates ${Object.keys(lengths).join(", ") || "nothing"}.`,
    );
  }
  const generated = new GeneratedSecrets("secrets", { secrets: lengths }).values;
  const resolve = (name: SecretName): pulumi.Output<string> => {
    const value =
      sourceOf(name).kind === "config" ? new pulumi.Config(project).requireSecret(name) : generated[name];
    if (value !== undefined) return value;
    throw new pulumi.RunError(
      `The stack needs the secret ${name}, and in ${environment} its source is "${sourceOf(name).kind}"; ` +
        "give it another source in the matrix of stacks/secrets.ts.",
    );
  };
  return { postgresPassword: resolve("postgresPassword"), redisPassword: resolve("redisPassword") };
}
