import * as pulumi from "@pulumi/pulumi";
import { Backup } from "../../provider/sdk/backup";
import { Migration } from "../../provider/sdk/migration";

/** How a service's own image lists and runs its migrations. */
export interface MigrationCommands {
  /** Prints a line for each migration: `pending|applied expand|contract <id>`. */
  readonly list: readonly string[];
  /** Applies what is pending; the phase is appended. */
  readonly run: readonly string[];
}

export interface BackupPolicy {
  /** Dumps kept at most. */
  readonly keepCount: number;
  readonly keepDays: number;
}

export interface SchemaGateArgs {
  readonly service: string;
  readonly version: string;
  /** The version's image, pinned. */
  readonly image: string;
  /** What the service's processes get, secrets included. */
  readonly env: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly network: pulumi.Input<string>;
  readonly commands: MigrationCommands;
  readonly backup: BackupPolicy;
  /** What dumps are made with, and where they go. */
  readonly postgres: {
    readonly image: pulumi.Input<string>;
    readonly container: pulumi.Input<string>;
    readonly backupVolume: pulumi.Input<string>;
  };
  /** Limit of each one-off container in MiB. */
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
}

/**
 * What must hold before a version meets the database: a verified backup where its migrations change anything, then the migrations that
 * only add (expand). Those that take away come after the rollout: `contract`.
 *
 * Destroying it leaves schema and dumps as they are.
 */
export class SchemaGate extends pulumi.ComponentResource {
  readonly backup: Backup;
  readonly expand: Migration;

  constructor(
    private readonly gateName: string,
    private readonly args: SchemaGateArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("slipway:gates:SchemaGate", gateName, {}, opts);
    const { service, version, image, env, network, memoryMb, timeoutSeconds } = args;
    this.backup = new Backup(
      `${gateName}-backup`,
      {
        ...{ service, version, image, env, network, memoryMb, timeoutSeconds },
        listCommand: [...args.commands.list],
        postgresImage: args.postgres.image,
        postgresContainer: args.postgres.container,
        volume: args.postgres.backupVolume,
        ...args.backup,
      },
      { parent: this },
    );
    this.expand = this.migrate("expand", this.backup.id);
    this.registerOutputs({ pending: this.backup.pending });
  }

  /** Applies the migrations that take away what older versions need; `after` is the id of the Rollout that ended those. */
  contract(after: pulumi.Input<string>): Migration {
    return this.migrate("contract", after);
  }

  private migrate(phase: "contract" | "expand", after: pulumi.Input<string>): Migration {
    const { service, version, image, env, network, memoryMb, timeoutSeconds, commands } = this.args;
    return new Migration(
      `${this.gateName}-${phase}`,
      {
        ...{ service, version, image, env, network, memoryMb, timeoutSeconds, phase, after },
        pending: this.backup.pending,
        listCommand: [...commands.list],
        runCommand: [...commands.run],
      },
      { parent: this },
    );
  }
}
