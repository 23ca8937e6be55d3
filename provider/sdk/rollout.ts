import * as pulumi from "@pulumi/pulumi";
import type { StepReport } from "../history/entry";
import type { Strategy } from "../schema/strategy";
import { withProviderVersion } from "./options";

export interface RolloutArgs {
  /** The gateway's container. */
  readonly gateway: pulumi.Input<string>;
  readonly service: pulumi.Input<string>;
  /** The paths the service answers, `/` or `/api`: the prefix itself and all below it. */
  readonly pathPrefix: pulumi.Input<string>;
  /** The version that is to have the traffic. */
  readonly version: pulumi.Input<string>;
  /** How the traffic moves. Another strategy moves nothing by itself: it holds from the next version on. */
  readonly strategy: pulumi.Input<Strategy>;
  /** True: the version was live before and is still warm; all traffic goes to it at once. Default false. */
  readonly rollback?: pulumi.Input<boolean>;
  /** Id of the SmokeTest that this version passed. */
  readonly smokeTest: pulumi.Input<string>;
  readonly environment: pulumi.Input<string>;
  /** The journal that an abort is written to, relative to the project's folder or absolute. */
  readonly history: pulumi.Input<string>;
}

/**
 * Where a service's traffic goes. One Rollout serves a service for ever: another version updates it, and that update is the shift, in
 * the steps of its strategy.
 *
 *     const rollout = new Rollout("sample", {
 *       gateway, service: "sample", pathPrefix: "/", version: "1.4.0", smokeTest: smokeTest.id,
 *       strategy: { kind: "canary", steps: [5, 25, 50, 100], bakeSeconds: 60, sticky: false },
 *       environment: "local", history: ".slipway/history/local.jsonl",
 *     });
 *     rollout.live; // "1.4.0"
 *
 * It starts from what the gateway really serves: a rollout that a crash left in the middle goes on, or back. When a step fails or the
 * update is cancelled, all traffic is back on the version that had it before the error surfaces. Destroying it takes the service off
 * the gateway: its paths answer 503.
 */
export class Rollout extends pulumi.CustomResource {
  declare readonly gateway: pulumi.Output<string>;
  declare readonly service: pulumi.Output<string>;
  declare readonly pathPrefix: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly strategy: pulumi.Output<Strategy>;
  declare readonly rollback: pulumi.Output<boolean | undefined>;
  declare readonly smokeTest: pulumi.Output<string>;
  declare readonly environment: pulumi.Output<string>;
  declare readonly history: pulumi.Output<string>;
  /** The version that has the traffic. */
  declare readonly live: pulumi.Output<string>;
  /** The version that had it before; null after the first deployment. */
  declare readonly previous: pulumi.Output<string | null>;
  /** ISO time at which the version had all traffic. */
  declare readonly shiftedAt: pulumi.Output<string>;
  /** The longest of its shifts, from the command to the gateway's confirmation. */
  declare readonly shiftMilliseconds: pulumi.Output<number>;
  /** What each step saw. */
  declare readonly steps: pulumi.Output<StepReport[]>;
  /** What each step does, in words; in a preview as far as the stack's state tells. */
  declare readonly plan: pulumi.Output<string[]>;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.CustomResourceOptions) {
    const computed = {
      ...{ live: undefined, previous: undefined, shiftedAt: undefined, shiftMilliseconds: undefined },
      ...{ steps: undefined, plan: undefined },
    };
    super("slipway:index:Rollout", name, { ...args, ...computed }, withProviderVersion(opts));
  }
}
