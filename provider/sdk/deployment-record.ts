import * as pulumi from "@pulumi/pulumi";
import type { StepReport } from "../history/entry";
import type { DeploymentRecordInputs } from "../schema/deployment-record";
import type { StrategyKind } from "../schema/strategy";
import { withProviderVersion } from "./options";

type Backup = NonNullable<DeploymentRecordInputs["backup"]>;
type Migrations = NonNullable<DeploymentRecordInputs["migrations"]>;

export interface DeploymentRecordArgs {
  /** The journal's path, relative to the project's folder or absolute. */
  readonly history: pulumi.Input<string>;
  readonly environment: pulumi.Input<string>;
  readonly service: pulumi.Input<string>;
  /** The version that has the traffic now. */
  readonly version: pulumi.Input<string>;
  /** The version that had it before. @default - none: the first deployment */
  readonly from?: pulumi.Input<string | undefined>;
  /** Full commit id. */
  readonly commit: pulumi.Input<string>;
  readonly action: pulumi.Input<"deploy" | "rollback">;
  readonly strategy: pulumi.Input<StrategyKind>;
  /** ISO time of the shift, the Rollout's: another one is another deployment. */
  readonly shiftedAt: pulumi.Input<string>;
  /** What each step of the Rollout saw. */
  readonly steps: pulumi.Input<StepReport[]>;
  /** The version that a rollback would go to. @default - none is kept */
  readonly rollbackTarget?: pulumi.Input<string | undefined>;
  /** The backup that was taken before. @default - none: no migration was pending */
  readonly backup?: pulumi.Input<Backup | undefined>;
  /** Ids of the migrations that were applied. @default - not told */
  readonly migrations?: pulumi.Input<Migrations | undefined>;
  /** @default - not told */
  readonly featureFlags?: pulumi.Input<Record<string, boolean> | undefined>;
  /** Which dependencies are `mock` and which `live`. @default - not told */
  readonly toggles?: pulumi.Input<Record<string, string> | undefined>;
}

/**
 * A deployment in the journal: who, what, when, why, how it went, and the way back. The journal is a hash chain, and the state knows the
 * hash of the newest entry: what is changed in the journal later shows in a refresh and in `npm run history`.
 *
 *     const record = new DeploymentRecord("sample", { history: ".slipway/history/local.jsonl", environment: "local", service: "sample", version: rollout.live, from: rollout.previous, commit, action: "deploy", strategy: "canary", shiftedAt: rollout.shiftedAt, steps: rollout.steps });
 *     record.sequence; // 7
 *
 * One DeploymentRecord serves a service for ever: another `shiftedAt` or `version` adds an entry, any other change does not. Who and why
 * are the variables SLIPWAY_ACTOR (else the OS user) and SLIPWAY_REASON. Destroying it leaves the journal as it is.
 */
export class DeploymentRecord extends pulumi.CustomResource {
  declare readonly history: pulumi.Output<string>;
  declare readonly environment: pulumi.Output<string>;
  declare readonly service: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly from: pulumi.Output<string | undefined>;
  declare readonly commit: pulumi.Output<string>;
  declare readonly action: pulumi.Output<"deploy" | "rollback">;
  declare readonly strategy: pulumi.Output<StrategyKind>;
  declare readonly shiftedAt: pulumi.Output<string>;
  declare readonly steps: pulumi.Output<StepReport[]>;
  declare readonly rollbackTarget: pulumi.Output<string | undefined>;
  declare readonly backup: pulumi.Output<Backup | undefined>;
  declare readonly migrations: pulumi.Output<Migrations | undefined>;
  declare readonly featureFlags: pulumi.Output<Record<string, boolean> | undefined>;
  declare readonly toggles: pulumi.Output<Record<string, string> | undefined>;
  /** The entry's place in the journal: 1, 2, 3 … */
  declare readonly sequence: pulumi.Output<number>;
  /** SHA-256 of the entry, and of the one before it. */
  declare readonly hash: pulumi.Output<string>;
  declare readonly previousHash: pulumi.Output<string>;
  /** ISO time at which the entry was written. */
  declare readonly at: pulumi.Output<string>;
  declare readonly by: pulumi.Output<string>;
  declare readonly reason: pulumi.Output<string>;
  /** Why the journal cannot be trusted, as the last refresh found it; undefined while it can. */
  declare readonly journalFault: pulumi.Output<string | undefined>;

  constructor(name: string, args: DeploymentRecordArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "slipway:index:DeploymentRecord",
      name,
      {
        ...args,
        ...{ sequence: undefined, hash: undefined, previousHash: undefined },
        ...{ at: undefined, by: undefined, reason: undefined, journalFault: undefined },
      },
      withProviderVersion(opts),
    );
  }
}
