import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { hardening, healthCheck, labels } from "../hardening";
import { Login } from "../../provider/sdk/login";
import { generationName } from "../secrets/generation";
import type { PostgresEndpoint } from "./backbone";

export interface DockerPostgresArgs {
  /** Start of the names of the container and its volume on this Docker. */
  readonly prefix: string;
  /** A pinned image; see images/postgres for what it must offer. */
  readonly image: pulumi.Input<string>;
  /** Major version, part of the volume's name: another major never opens this one's files. */
  readonly majorVersion: string;
  readonly network: pulumi.Input<string>;
  /** The owner's first one, which new data are initialised with. */
  readonly password: pulumi.Output<string>;
  /** Limit in MiB. */
  readonly memoryMb: number;
  /** How long it may take to become healthy, first initialisation included, in seconds. */
  readonly readyTimeoutSeconds: number;
}

const port = 5432;
const name = "slipway";

/** Postgres settings for a container of so much memory, by the usual rules of thumb: a quarter as buffers, three quarters as cache. */
export function postgresSettings(memoryMb: number): Record<string, string> {
  return {
    shared_buffers: `${Math.floor(memoryMb / 4)}MB`,
    effective_cache_size: `${Math.floor((memoryMb * 3) / 4)}MB`,
    maintenance_work_mem: `${Math.max(16, Math.floor(memoryMb / 16))}MB`,
    max_connections: "100",
    checkpoint_completion_target: "0.9",
    log_min_duration_statement: "500",
    idle_in_transaction_session_timeout: "60s",
  };
}

/**
 * Postgres in a container: a volume for its data and one for dumps, a health check, no published port.
 *
 * Destroying it destroys both volumes and the data in them. Another `password` makes a new container, but changes nothing of data that are
 * there; a login for another rotation changes neither.
 */
export class DockerPostgres extends pulumi.ComponentResource {
  readonly container: docker.Container;
  /** The volume of the dumps. */
  readonly backupVolume: pulumi.Output<string>;

  constructor(
    private readonly resourceName: string,
    args: DockerPostgresArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("slipway:backbone:DockerPostgres", resourceName, args, opts);
    const volume = new docker.Volume(
      `${resourceName}-data`,
      { name: `${args.prefix}-postgres-${args.majorVersion}`, labels: labels("postgres") },
      { parent: this },
    );
    const backups = new docker.Volume(
      `${resourceName}-backups`,
      { name: `${args.prefix}-backups`, labels: labels("postgres") },
      { parent: this },
    );
    const settings = Object.entries(postgresSettings(args.memoryMb)).flatMap(([key, value]) => [
      "-c",
      `${key}=${value}`,
    ]);
    this.container = new docker.Container(
      resourceName,
      {
        ...hardening({
          memoryMb: args.memoryMb,
          processes: 512,
          scratch: ["/tmp", "/var/run/postgresql"],
          stopSeconds: 30,
          cpuShares: 4096,
        }),
        name: `${args.prefix}-postgres`,
        image: args.image,
        user: "postgres",
        command: ["postgres", ...settings],
        envs: [
          `POSTGRES_USER=${name}`,
          `POSTGRES_DB=${name}`,
          pulumi.interpolate`POSTGRES_PASSWORD=${args.password}`,
          "PGDATA=/var/lib/postgresql/data/pgdata",
        ],
        shmSize: 64,
        stopSignal: "SIGINT",
        volumes: [
          { volumeName: volume.name, containerPath: "/var/lib/postgresql/data" },
          // To restore from; dumps are written by containers of their own.
          { volumeName: backups.name, containerPath: "/backups", readOnly: true },
        ],
        networksAdvanced: [{ name: args.network, aliases: ["postgres"] }],
        healthcheck: healthCheck(["pg_isready", "-q", "-h", "127.0.0.1", "-U", name, "-d", name], 30),
        wait: true,
        waitTimeout: args.readyTimeoutSeconds,
        labels: labels("postgres"),
      },
      { parent: this, additionalSecretOutputs: ["envs"] },
    );
    this.backupVolume = backups.name;
    this.registerOutputs({ host: this.container.name, port });
  }

  /**
   * A login of its own for one rotation of the password: the owner at the first, "", and a role that acts as the owner at each other.
   * Once for each rotation.
   */
  login(rotation: string, password: pulumi.Output<string>): PostgresEndpoint {
    const { container, user } = new Login(
      generationName(`${this.resourceName}-login`, rotation),
      {
        store: "postgres",
        user: generationName(name, rotation, "_"),
        owner: name,
        password,
        container: this.container.name,
        after: this.container.id,
      },
      { parent: this, deletedWith: this.container },
    );
    return { host: container, port, database: name, user, password };
  }
}
