import * as pulumi from "@pulumi/pulumi";
import type { MigrationPhase } from "../schema/migration";
import { withProviderVersion } from "./options";

export interface MigrationArgs {
  readonly service: pulumi.Input<string>;
  readonly version: pulumi.Input<string>;
  /** `expand` before the version has traffic, `contract` once no other version can get any. */
  readonly phase: pulumi.Input<MigrationPhase>;
  /** The version's pinned image. */
  readonly image: pulumi.Input<string>;
  /** What the service's processes get: PGHOST, PGDATABASE, PGUSER, PGPASSWORD, … Values may be secret. */
  readonly env: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** The Docker network on which the database is reached. */
  readonly network: pulumi.Input<string>;
  /** Run in the version's image; prints `pending|applied expand|contract <id>` for each migration. Other lines do not count. */
  readonly listCommand: pulumi.Input<pulumi.Input<string>[]>;
  /** Ids that the version's Backup found pending, of both phases: without one nothing is asked or run. */
  readonly pending: pulumi.Input<pulumi.Input<string>[]>;
  /** Run in the version's image; applies what is pending of the phase, which is appended as the last argument. */
  readonly runCommand: pulumi.Input<pulumi.Input<string>[]>;
  /** Limit of each container in MiB, 32 to 65536. */
  readonly memoryMb: pulumi.Input<number>;
  /** How long each container may take, 1 to 86400. */
  readonly timeoutSeconds: pulumi.Input<number>;
  /** Id of what must come before: the Backup, or the Rollout. */
  readonly after: pulumi.Input<string>;
}

/**
 * The migrations of one phase, applied by the version's own image in a container that is gone afterwards.
 *
 *     const expand = new Migration("sample-1.4.0-expand", { service: "sample", version: "1.4.0", phase: "expand", image, env, network, listCommand: ["npm", "run", "--silent", "migration:list"], runCommand: ["npm", "run", "--silent", "migration:run", "--"], pending: backup.pending, after: backup.id, … });
 *     expand.applied; // ["003_add_author"]
 *
 * It lists first and runs only what is pending; afterwards it lists again, and fails if anything of the phase still is. A version's
 * migrations run once: only another image of the same version is asked again. A failure tells exit code and last log lines. Destroying it
 * reverts nothing: the way back is the service's own `migration:revert`, or the Backup.
 */
export class Migration extends pulumi.CustomResource {
  declare readonly service: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly phase: pulumi.Output<MigrationPhase>;
  declare readonly image: pulumi.Output<string>;
  declare readonly env: pulumi.Output<Record<string, string>>;
  declare readonly network: pulumi.Output<string>;
  declare readonly listCommand: pulumi.Output<string[]>;
  declare readonly pending: pulumi.Output<string[]>;
  declare readonly runCommand: pulumi.Output<string[]>;
  declare readonly memoryMb: pulumi.Output<number>;
  declare readonly timeoutSeconds: pulumi.Output<number>;
  declare readonly after: pulumi.Output<string>;
  /** Ids of the migrations that it applied, in their order. */
  declare readonly applied: pulumi.Output<string[]>;

  constructor(name: string, args: MigrationArgs, opts?: pulumi.CustomResourceOptions) {
    super("slipway:index:Migration", name, { ...args, applied: undefined }, withProviderVersion(opts));
  }
}
