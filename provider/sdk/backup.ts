import * as pulumi from "@pulumi/pulumi";
import type { BackupFacts } from "../history/entry";
import { withProviderVersion } from "./options";

export interface BackupArgs {
  readonly service: pulumi.Input<string>;
  /** The version whose migrations may be pending. */
  readonly version: pulumi.Input<string>;
  /** That version's pinned image. */
  readonly image: pulumi.Input<string>;
  /** What the service's processes get: PGHOST, PGDATABASE, PGUSER, PGPASSWORD, … Values may be secret. */
  readonly env: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** The Docker network on which the database is reached. */
  readonly network: pulumi.Input<string>;
  /** Run in the version's image; prints `pending|applied expand|contract <id>` for each migration. Other lines do not count. */
  readonly listCommand: pulumi.Input<pulumi.Input<string>[]>;
  /** A pinned image with pg_dump and pg_restore, best the one that Postgres runs in. */
  readonly postgresImage: pulumi.Input<string>;
  /** The container that Postgres runs in, with the volume of the dumps at /backups. */
  readonly postgresContainer: pulumi.Input<string>;
  /** The Docker volume of the dumps. */
  readonly volume: pulumi.Input<string>;
  /** Dumps of this service kept at most, the newest, 1 to 1000. */
  readonly keepCount: pulumi.Input<number>;
  /** Dumps older than this go, whatever their number, 1 to 36500. */
  readonly keepDays: pulumi.Input<number>;
  /** Limit of each container in MiB, 32 to 65536. */
  readonly memoryMb: pulumi.Input<number>;
  /** How long each container may take, 1 to 86400. */
  readonly timeoutSeconds: pulumi.Input<number>;
}

/**
 * The database as it was before a version's migrations: a dump in custom format on a volume, with its SHA-256 beside it. Where nothing is
 * pending, nothing is dumped.
 *
 *     const backup = new Backup("sample-1.4.0-backup", { service: "sample", version: "1.4.0", image, env, network, listCommand: ["npm", "run", "--silent", "migration:list"], volume, keepCount: 10, keepDays: 30, … });
 *     backup.backup; // { file: "sample-1.4.0-20260102T030405Z.dump", sha256: "…", restoreCommand: "docker exec …", … }
 *
 * A version's backup is taken once: only another image of the same version is asked again. A dump that fails leaves nothing behind, and
 * the older dumps untouched. Destroying it leaves the dumps where they are.
 */
export class Backup extends pulumi.CustomResource {
  declare readonly service: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly image: pulumi.Output<string>;
  declare readonly env: pulumi.Output<Record<string, string>>;
  declare readonly network: pulumi.Output<string>;
  declare readonly listCommand: pulumi.Output<string[]>;
  declare readonly postgresImage: pulumi.Output<string>;
  declare readonly postgresContainer: pulumi.Output<string>;
  declare readonly volume: pulumi.Output<string>;
  declare readonly keepCount: pulumi.Output<number>;
  declare readonly keepDays: pulumi.Output<number>;
  declare readonly memoryMb: pulumi.Output<number>;
  declare readonly timeoutSeconds: pulumi.Output<number>;
  /** Ids of the migrations that were pending, of both phases. */
  declare readonly pending: pulumi.Output<string[]>;
  /** The dump; null when nothing was pending, or the dump is gone. */
  declare readonly backup: pulumi.Output<BackupFacts | null>;

  constructor(name: string, args: BackupArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "slipway:index:Backup",
      name,
      { ...args, pending: undefined, backup: undefined },
      withProviderVersion(opts),
    );
  }
}
