import * as pulumi from "@pulumi/pulumi";
import { withProviderVersion } from "./options";

export interface LoginArgs {
  readonly store: "postgres" | "redis";
  /** The container that runs the store. */
  readonly container: pulumi.Input<string>;
  /** A role of Postgres, made where it is not there; or a user of Redis, which may have several passwords. */
  readonly user: string;
  /** Whose rights the user has: with Postgres a superuser, who owns whatever the user makes. */
  readonly owner: string;
  /** 16 to 128 letters and digits. */
  readonly password: pulumi.Input<string>;
  /** Id of the container: another one is given the login anew. */
  readonly after: pulumi.Input<string>;
}

/**
 * A user's password in a store, valid from its creation to its deletion, beside those of other logins: what a secret's old and new value
 * are while both have consumers. The store is handed a hash.
 *
 *     const login = new Login("login", { store: "postgres", container: container.name, user: "slipway_3f2a91c0", owner: "slipway", password, after: container.id });
 *     login.container; // whoever uses this waits for the login, and is gone before it goes
 *
 * Destroying it ends the password; with Postgres the user's connections too, and the role, but never its owner.
 */
export class Login extends pulumi.CustomResource {
  declare readonly container: pulumi.Output<string>;
  declare readonly user: pulumi.Output<string>;

  constructor(name: string, args: LoginArgs, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:Login", name, { ...args }, withProviderVersion(opts));
  }
}
