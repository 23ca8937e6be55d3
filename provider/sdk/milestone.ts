import * as pulumi from "@pulumi/pulumi";
import { withProviderVersion } from "./options";

export interface MilestoneArgs {
  readonly environment: pulumi.Input<string>;
  readonly service: pulumi.Input<string>;
  readonly version: pulumi.Input<string>;
  /** What it waits for; another one is reached anew. */
  readonly after: pulumi.Input<string>;
}

/**
 * The time from which a version of a service was live and well: it is declared after what deploys and verifies that version. Nothing but a
 * line in the state; the environment that comes next reads it, to tell how long the version has soaked.
 *
 *     new Milestone("sample-live", { environment: "staging", service: "sample", version, after: deployment.taskDefinitionArn }).reachedAt;
 */
export class Milestone extends pulumi.CustomResource {
  declare readonly environment: pulumi.Output<string>;
  declare readonly service: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly after: pulumi.Output<string>;
  /** ISO time. */
  declare readonly reachedAt: pulumi.Output<string>;

  constructor(name: string, args: MilestoneArgs, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:Milestone", name, { ...args, reachedAt: undefined }, withProviderVersion(opts));
  }
}
