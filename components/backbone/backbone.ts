import type * as pulumi from "@pulumi/pulumi";

/** Where a service finds its database. */
export interface PostgresEndpoint<Password = pulumi.Output<string>> {
  readonly host: pulumi.Output<string>;
  readonly port: number;
  readonly database: string;
  readonly user: pulumi.Input<string>;
  readonly password: Password;
}

/** Where a service finds its cache. */
export interface RedisEndpoint<Password = pulumi.Output<string>> {
  readonly host: pulumi.Output<string>;
  readonly port: number;
  readonly password: Password;
}

/** A secret that is held by a vault: it is only ever named, and whoever runs the service resolves it. */
export interface SecretReference {
  readonly arn: pulumi.Output<string>;
  /** The member of the secret's JSON text; undefined where its whole text is the value. */
  readonly key: string | undefined;
}

/**
 * What every environment's backbone offers to the services on it, whatever it is built from. A service that asks only for
 * this runs on all of them. `Password` is the secret itself where the stack holds it, and a reference where a vault does.
 */
export interface Backbone<Password = pulumi.Output<string>> {
  /** The network that services and gateway share. */
  readonly network: pulumi.Output<string>;
  readonly postgres: PostgresEndpoint<Password>;
  readonly redis: RedisEndpoint<Password>;
  /** The base address under which the gateway answers, such as `http://127.0.0.1:8080`. */
  readonly gatewayUrl: pulumi.Output<string>;
}
