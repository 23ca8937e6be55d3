import * as pulumi from "@pulumi/pulumi";
import { withProviderVersion } from "./options";

/** All traffic in one step. */
export interface DirectStrategy {
  readonly kind: "direct";
}

export interface RolloutArgs {
  /** The gateway's container. */
  readonly gateway: pulumi.Input<string>;
  readonly service: pulumi.Input<string>;
  /** The paths the service answers, `/` or `/api`: the prefix itself and all below it. */
  readonly pathPrefix: pulumi.Input<string>;
  /** The version that is to have the traffic. */
  readonly version: pulumi.Input<string>;
  readonly strategy: pulumi.Input<DirectStrategy>;
  /** Id of the SmokeTest that this version passed. */
  readonly smokeTest: pulumi.Input<string>;
}

/**
 * Where a service's traffic goes. One Rollout serves a service for ever: another version updates it, and that update is the shift.
 *
 *     const rollout = new Rollout("sample", { gateway, service: "sample", pathPrefix: "/", version: "1.4.0", strategy: { kind: "direct" }, smokeTest: smokeTest.id });
 *     rollout.live; // "1.4.0"
 *
 * It starts from what the gateway really serves, and on any failure that goes on being served. Destroying it takes the service off the
 * gateway: its paths answer 503.
 */
export class Rollout extends pulumi.CustomResource {
  declare readonly gateway: pulumi.Output<string>;
  declare readonly service: pulumi.Output<string>;
  declare readonly pathPrefix: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly strategy: pulumi.Output<DirectStrategy>;
  declare readonly smokeTest: pulumi.Output<string>;
  /** The version that has the traffic. */
  declare readonly live: pulumi.Output<string>;
  /** The version that had it before; undefined after the first deployment. */
  declare readonly previous: pulumi.Output<string | undefined>;
  /** ISO time of the shift. */
  declare readonly shiftedAt: pulumi.Output<string>;
  /** From the command to the gateway's confirmation. */
  declare readonly shiftMilliseconds: pulumi.Output<number>;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "slipway:index:Rollout",
      name,
      { ...args, live: undefined, previous: undefined, shiftedAt: undefined, shiftMilliseconds: undefined },
      withProviderVersion(opts),
    );
  }
}
