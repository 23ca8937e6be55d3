import * as pulumi from "@pulumi/pulumi";
import type { BackendServer } from "../schema/backend";
import { withProviderVersion } from "./options";

export interface BackendServerArgs {
  /** Unique within the backend; what the access log shows. */
  readonly name: pulumi.Input<string>;
  /** The container's name, on a network that the gateway shares. */
  readonly container: pulumi.Input<string>;
  readonly port: pulumi.Input<number>;
}

export interface BackendArgs {
  /** The gateway's container. */
  readonly gateway: pulumi.Input<string>;
  readonly service: pulumi.Input<string>;
  readonly version: pulumi.Input<string>;
  readonly servers: pulumi.Input<pulumi.Input<BackendServerArgs>[]>;
  /** A server may have traffic while a GET of this path answers 200. */
  readonly healthPath: pulumi.Input<string>;
  /** How long the servers may take to become healthy, 1 to 1800. */
  readonly readyTimeoutSeconds: pulumi.Input<number>;
  /** How long requests in flight may go on when a server leaves, 0 to 3600; what is left then is cut. */
  readonly drainSeconds: pulumi.Input<number>;
}

/**
 * A version of a service in the gateway: warm and health-checked, reached by the preview header, without traffic. Its id is
 * `<service>-<version>`.
 *
 *     const backend = new Backend("sample-1.4.0", { gateway, service: "sample", version: "1.4.0", servers: [{ name: "s1", container, port: 8080 }], … });
 *
 * Creating it waits until every server is healthy; one that never is fails it, with the container's state and last log lines, and the
 * gateway is as before. Other servers or another health path change it in place. Destroying it waits for requests in flight, and is
 * refused while the version is live.
 */
export class Backend extends pulumi.CustomResource {
  declare readonly gateway: pulumi.Output<string>;
  declare readonly service: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly servers: pulumi.Output<BackendServer[]>;
  declare readonly healthPath: pulumi.Output<string>;
  declare readonly readyTimeoutSeconds: pulumi.Output<number>;
  declare readonly drainSeconds: pulumi.Output<number>;

  constructor(name: string, args: BackendArgs, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:Backend", name, { ...args }, withProviderVersion(opts));
  }
}
