import type * as pulumi from "@pulumi/pulumi";

/** Where a service finds its database. The password is secret. */
export interface PostgresEndpoint {
  readonly host: pulumi.Output<string>;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: pulumi.Output<string>;
}

/** Where a service finds its cache. The password is secret. */
export interface RedisEndpoint {
  readonly host: pulumi.Output<string>;
  readonly port: number;
  readonly password: pulumi.Output<string>;
}

/**
 * What every environment's backbone offers to the services on it, whatever it is built from. A service that asks only for
 * this runs on all of them.
 */
export interface Backbone {
  /** The network that services and gateway share. */
  readonly network: pulumi.Output<string>;
  readonly postgres: PostgresEndpoint;
  readonly redis: RedisEndpoint;
  /** The base address under which the gateway answers, such as `http://127.0.0.1:8080`. */
  readonly gatewayUrl: pulumi.Output<string>;
}
