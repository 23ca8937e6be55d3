import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

export interface GeneratedSecretsArgs<Name extends string> {
  /** By name: how many letters and digits, and a text whose change makes the secret anew. */
  readonly secrets: Readonly<Partial<Record<Name, { length: number; rotation: string }>>>;
}

/**
 * Secrets that the stack makes itself: one `RandomPassword` each, of letters and digits only, since they travel in
 * connection strings and configuration lines.
 *
 *     const { values } = new GeneratedSecrets("secrets", { secrets: { redisPassword: { length: 32, rotation: "" } } });
 *
 * A changed `rotation` replaces that one secret, and with it every container that was given it. Removing a secret destroys it.
 */
export class GeneratedSecrets<Name extends string> extends pulumi.ComponentResource {
  /** By name; each is secret. */
  readonly values: Readonly<Partial<Record<Name, pulumi.Output<string>>>>;

  constructor(name: string, args: GeneratedSecretsArgs<Name>, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:secrets:GeneratedSecrets", name, { secrets: args.secrets }, opts);
    const values: Partial<Record<Name, pulumi.Output<string>>> = {};
    for (const secret of Object.keys(args.secrets) as Name[]) {
      const spec = args.secrets[secret];
      if (spec === undefined) continue;
      const password = new random.RandomPassword(
        `${name}-${secret}`,
        { length: spec.length, special: false, keepers: { rotation: spec.rotation } },
        { parent: this },
      );
      values[secret] = pulumi.secret(password.result);
    }
    this.values = values;
    this.registerOutputs({});
  }
}
