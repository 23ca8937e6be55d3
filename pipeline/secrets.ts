/** `npm run secrets`: the secrets of a stack, and making one anew while the old value still serves. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument, Scalar } from "yaml";
import { environments, type Environment } from "../stacks/environments";
import { secretNames, secretsMatrix, type SecretName, type SecretSource } from "../stacks/secrets-matrix";
import { openProjectConfig } from "./project-config";
import type { Say } from "./setup/step";
import { up } from "./up";
import { UserError } from "./user-error";

export interface SecretsOptions {
  readonly stack: string;
}

/** Says of every secret where the stack has it from, how long a value may live, since when it has this one, and who uses it. */
export function listSecrets(root: string, { stack }: SecretsOptions, say: Say): void {
  const environment = environmentOf(stack);
  const rotation = rotationOf(root, stack);
  const rows = secretNames.map((name) => {
    const { sources, rotationDays, owner, consumers } = secretsMatrix[name];
    const source = sources[environment];
    const made = source.kind === "absent" ? "-" : (rotation[name] ?? madeBefore(source));
    return [name, sourceWords(source), `${rotationDays} days`, made, owner, consumers.join(", ")];
  });
  const table = [["secret", "source", "rotation", "made", "owner", "consumers"], ...rows];
  const widths = table
    .map((row) => row.map((cell) => cell.length))
    .reduce((a, b) => a.map((n, i) => Math.max(n, b[i] ?? 0)));
  for (const row of table)
    say(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}

/**
 * Makes a secret of a stack anew. Locally it is a release: containers with the new value beside those with the old one, which is valid
 * until they are gone. Answers the exit code.
 *
 * @throws UserError for what the stack does not make: where its value comes from, and what to do there
 */
export async function rotateSecret(
  root: string,
  name: string,
  { stack }: SecretsOptions,
  say: Say,
  now = new Date(),
): Promise<number> {
  const environment = environmentOf(stack);
  const secret = secretNames.find((each) => each === name);
  if (secret === undefined) {
    throw new UserError(`There is no secret "${name}"; there are: ${secretNames.join(", ")}.`);
  }
  const source = secretsMatrix[secret].sources[environment];
  if (source.kind !== "generated" && !(source.kind === "vault" && source.rotatedBy === "stack")) {
    throw new UserError(`The stack ${stack} does not make ${name} itself. ${elsewhere(secret, source)}`);
  }
  const version = openProjectConfig(root, stack)("version");
  if (source.kind === "generated" && version !== "") {
    throw new UserError(
      `${name} is part of each version that is given it, and slipway:version is "${String(version)}", which never changes. Leave ` +
        `slipway:version of Pulumi.${stack}.yaml empty, then rotate: each content has a version of its own. Nothing was changed.`,
    );
  }
  // The gates read since when the value is.
  const rotation = now.toISOString().replace(/\.\d+/, "");
  writeRotation(root, stack, secret, rotation);
  say(`${name}: slipway:secretRotation of Pulumi.${stack}.yaml is ${rotation} now`);
  if (source.kind === "vault") {
    say(
      `Commit that; the next deployment (npm run up -- ${stack}) makes the new value in AWS Secrets Manager.`,
    );
    return 0;
  }
  const exitCode = await up(root, { images: "auto", reason: `rotation of ${name}` }, [stack], say);
  if (exitCode !== 0) {
    say(
      `What was live still has the value of ${name} that it had, and that is still valid. Mend what is named above; npm run up goes on.`,
    );
    return exitCode;
  }
  const { kind } = openProjectConfig(root, stack)("strategy") as { kind: string };
  say(
    kind === "direct"
      ? `The former value of ${name} is valid no more.`
      : `The former value of ${name} is valid until the version that stays warm with it goes: at the next release.`,
  );
  return 0;
}

function environmentOf(stack: string): Environment {
  const environment = environments.find((each) => each === stack);
  if (environment !== undefined) return environment;
  throw new UserError(`There is no stack "${stack}"; there are: ${environments.join(", ")}.`);
}

function rotationOf(root: string, stack: string): Readonly<Record<string, string>> {
  return openProjectConfig(root, stack)("secretRotation") as Record<string, string>;
}

function writeRotation(root: string, stack: string, name: SecretName, rotation: string): void {
  const file = join(root, `Pulumi.${stack}.yaml`);
  const document = parseDocument(readFileSync(file, "utf8"));
  // In quotes: without, it would be read as a date.
  const quoted = new Scalar(rotation);
  quoted.type = Scalar.QUOTE_DOUBLE;
  document.setIn(["config", "slipway:secretRotation", name], quoted);
  writeFileSync(file, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
}

function sourceWords(source: SecretSource): string {
  switch (source.kind) {
    case "generated":
      return "made by the stack";
    case "config":
      return "configuration, encrypted";
    case "vault":
      return `AWS Secrets Manager, made by ${source.rotatedBy === "RDS" ? "RDS" : "the stack"}`;
    case "environment":
      return `given as ${source.variable}`;
    case "absent":
      return "none";
  }
}

/** What is known of a value that no rotation of the stack made. */
function madeBefore(source: SecretSource): string {
  if (source.kind === "vault" && source.rotatedBy === "RDS") return "by RDS";
  return source.kind === "environment" || source.kind === "config" ? "elsewhere" : "with the stack";
}

/** What makes a secret anew that the stack does not. */
function elsewhere(name: SecretName, source: SecretSource): string {
  switch (source.kind) {
    case "vault":
      return (
        `RDS makes it anew every ${secretsMatrix[name].rotationDays} days; to have it done now: aws secretsmanager rotate-secret, ` +
        "of the secret that the database instance names (aws rds describe-db-instances, MasterUserSecret)."
      );
    case "environment":
      return `It is given to whoever deploys, as ${source.variable}: make the new one where it comes from, store it for CI, then revoke the old one.`;
    case "config":
      return `Set the new value: pulumi config set --secret slipway:${name}, then deploy.`;
    case "generated":
    case "absent":
      return "It does without.";
  }
}
