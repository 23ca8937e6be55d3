import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { generationName } from "./generation";

export interface GeneratedSecretsArgs<Name extends string> {
  /** By name: how many letters and digits, and the rotations that somebody uses, each any text and a value of its own. */
  readonly secrets: Readonly<Partial<Record<Name, { length: number; rotations: readonly string[] }>>>;
}

/**
 * Secrets that the stack makes itself: one `RandomPassword` for each rotation of each, of letters and digits only, since they travel in
 * connection strings and configuration lines.
 *
 *     const secrets = new GeneratedSecrets("secrets", { secrets: { redisPassword: { length: 32, rotations: ["", "2026-11-30"] } } });
 *     secrets.values.redisPassword?.get("2026-11-30");
 *
 * A rotation more changes nothing of the others. Removing one destroys its value.
 */
export class GeneratedSecrets<Name extends string> extends pulumi.ComponentResource {
  /** By name, then by rotation; each is secret. */
  readonly values: Readonly<Partial<Record<Name, ReadonlyMap<string, pulumi.Output<string>>>>>;

  constructor(name: string, args: GeneratedSecretsArgs<Name>, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:secrets:GeneratedSecrets", name, { secrets: args.secrets }, opts);
    const values: Partial<Record<Name, ReadonlyMap<string, pulumi.Output<string>>>> = {};
    for (const secret of Object.keys(args.secrets) as Name[]) {
      const spec = args.secrets[secret];
      if (spec === undefined) continue;
      values[secret] = new Map(
        [...new Set(spec.rotations)].map((rotation) => {
          const password = new random.RandomPassword(
            generationName(`${name}-${secret}`, rotation),
            { length: spec.length, special: false, keepers: { rotation } },
            { parent: this },
          );
          return [rotation, pulumi.secret(password.result)];
        }),
      );
    }
    this.values = values;
    this.registerOutputs({});
  }
}
