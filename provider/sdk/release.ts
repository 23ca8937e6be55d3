import * as pulumi from "@pulumi/pulumi";
import type { Documents, ReleaseInputs, Upstream } from "../schema/release";
import { withProviderVersion } from "./options";

export interface ReleaseArgs {
  readonly service: pulumi.Input<string>;
  /** A semantic version without build metadata. */
  readonly version: pulumi.Input<string>;
  /** Full commit id. */
  readonly commit: pulumi.Input<string>;
  /** The environment's name. */
  readonly environment: pulumi.Input<string>;
  /** Every image of this deployment by name, pinned: `sha256:…` or `name@sha256:…`. */
  readonly images: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** DSSE envelopes as JSON text. */
  readonly evidence: pulumi.Input<pulumi.Input<string>[]>;
  /** The version to go back to. @default - none: the first deployment */
  readonly previousVersion?: pulumi.Input<string | undefined>;
  /** What the environment before this one runs, and how it proved itself. @default - none comes before, or it has deployed nothing */
  readonly upstream?: pulumi.Input<Upstream | undefined>;
  /** The version was live before, and passed its gates then. @default false */
  readonly rollback?: pulumi.Input<boolean>;
  /** E-mail address of who wrote the commit. @default - unknown: nothing that people sign counts */
  readonly author?: string;
  /** Signed approvals of this commit, DSSE envelopes as JSON text. @default - none */
  readonly approvals?: string[];
  /** Signed waivers of rules, DSSE envelopes as JSON text. @default - none */
  readonly waivers?: string[];
  /** May skip the soak in staging, with an approval as hotfix. @default false */
  readonly hotfix?: boolean;
  /** How traffic will move. @default - not said: the gates that ask for it stay closed */
  readonly strategy?: ReleaseInputs["strategy"];
  /** @default - not said */
  readonly monitorSeconds?: number;
  /** What the version's image brings, in order. @default - not said */
  readonly migrations?: NonNullable<ReleaseInputs["migrations"]>;
  /** Versions that this stack has released. @default - none */
  readonly released?: string[];
  /** Versions that were rolled back from. @default - none */
  readonly held?: string[];
  /** What the documents say about being ready. @default - nothing */
  readonly documents?: Documents;
}

/**
 * A release: the whole case for deploying a version to an environment, kept in the state as the audit trail. Everything else depends on
 * it, so a policy that rejects it stops the update before anything is touched. Another service, version or commit is another release;
 * other evidence updates it.
 *
 *     const release = new Release("sample-release", { service: "sample", version: "1.4.0", commit, environment: "local", images, evidence });
 */
export class Release extends pulumi.CustomResource {
  declare readonly service: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly commit: pulumi.Output<string>;
  declare readonly environment: pulumi.Output<string>;
  declare readonly images: pulumi.Output<Record<string, string>>;
  declare readonly evidence: pulumi.Output<string[]>;
  declare readonly previousVersion: pulumi.Output<string | undefined>;
  declare readonly upstream: pulumi.Output<Upstream | undefined>;
  declare readonly rollback: pulumi.Output<boolean>;

  constructor(name: string, args: ReleaseArgs, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:Release", name, { rollback: false, ...args }, withProviderVersion(opts));
  }
}
