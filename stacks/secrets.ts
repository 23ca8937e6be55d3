/** Makes or reads the secrets that the matrix says a stack holds itself. The only caller of requireSecret. */
import * as pulumi from "@pulumi/pulumi";
import { GeneratedSecrets } from "../components/secrets/generated-secrets";
import type { Environment } from "./environments";
import { rotatedByStack, secretsMatrix, type SecretName } from "./secrets-matrix";

type Rotation = Readonly<Record<string, string>>;

/**
 * @param rotation by secret name, any text
 * @throws pulumi.RunError when it names what this environment's stack does not make
 */
export function checkRotation(environment: Environment, rotation: Rotation): void {
  const names: readonly string[] = rotatedByStack(environment);
  const stray = Object.keys(rotation).filter((name) => !names.includes(name));
  if (stray.length > 0) {
    const unknown = stray.filter((name) => !(name in secretsMatrix));
    const which =
      unknown.length > 0
        ? `${unknown.join(", ")}, absent from the matrix in stacks/secrets-matrix.ts`
        : `${stray.join(", ")}, which ${environment} does not make`;
    throw new pulumi.RunError(
      `slipway:secretRotation names ${which}; it makes ${names.join(", ") || "nothing"}.`,
    );
  }
}

/**
 * Makes or reads secrets that an environment's stack holds, each a secret output.
 *
 * @param rotation by secret name, any text; a change generates that secret anew
 * @throws pulumi.RunError when `rotation` names what the matrix does not generate here, or the stack does not hold a secret
 */
export function declareSecrets<Name extends SecretName>(
  environment: Environment,
  project: string,
  names: readonly Name[],
  rotation: Rotation,
): Readonly<Record<Name, pulumi.Output<string>>> {
  checkRotation(environment, rotation);
  const lengths: Partial<Record<SecretName, { length: number; rotation: string }>> = {};
  for (const name of names) {
    const source = secretsMatrix[name].sources[environment];
    if (source.kind === "generated")
      lengths[name] = { length: source.length, rotation: rotation[name] ?? "" };
  }
  const generated = new GeneratedSecrets("secrets", { secrets: lengths }).values;
  const resolve = (name: SecretName): pulumi.Output<string> => {
    const { kind } = secretsMatrix[name].sources[environment];
    const value = kind === "config" ? new pulumi.Config(project).requireSecret(name) : generated[name];
    if (value !== undefined) return value;
    throw new pulumi.RunError(
      `The stack needs the secret ${name}, and in ${environment} its source is "${kind}"; ` +
        "give it another source in the matrix of stacks/secrets-matrix.ts.",
    );
  };
  return Object.fromEntries(names.map((name) => [name, resolve(name)])) as Record<
    Name,
    pulumi.Output<string>
  >;
}
