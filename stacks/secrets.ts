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
 * Makes or reads secrets that an environment's stack holds. Answers what gives each one's value at a rotation, a secret output.
 *
 * @param rotations by name, those that somebody uses
 * @throws pulumi.RunError where the stack does not hold a secret
 */
export function declareSecrets<Name extends SecretName>(
  environment: Environment,
  project: string,
  rotations: Readonly<Record<Name, readonly string[]>>,
): (name: Name, rotation: string) => pulumi.Output<string> {
  const specs: Partial<Record<SecretName, { length: number; rotations: readonly string[] }>> = {};
  for (const name of Object.keys(rotations) as Name[]) {
    const source = secretsMatrix[name].sources[environment];
    if (source.kind === "generated") specs[name] = { length: source.length, rotations: rotations[name] };
  }
  const { values } = new GeneratedSecrets("secrets", { secrets: specs });
  return (name, rotation) => {
    const { kind } = secretsMatrix[name].sources[environment];
    const value =
      kind === "config" ? new pulumi.Config(project).requireSecret(name) : values[name]?.get(rotation);
    if (value !== undefined) return value;
    throw new pulumi.RunError(
      `The stack needs the secret ${name}, and in ${environment} its source is "${kind}"; ` +
        "give it another source in the matrix of stacks/secrets-matrix.ts.",
    );
  };
}
