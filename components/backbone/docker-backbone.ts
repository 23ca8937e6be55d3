import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../hardening";
import { DockerGateway } from "./docker-gateway";
import { DockerPostgres } from "./docker-postgres";
import { DockerRedis } from "./docker-redis";

export interface DockerBackboneArgs {
  /** Start of the names of every container and volume on this Docker. */
  readonly prefix: string;
  /** The network that gateway and services share. */
  readonly network: string;
  readonly postgres: {
    image: string;
    majorVersion: string;
    password: pulumi.Output<string>;
    memoryMb: number;
  };
  readonly redis: { image: string; memoryMb: number };
  readonly gateway: { image: string; port: number; maxBodyBytes: number; memoryMb: number };
  /** How long each of the three may take to become healthy, in seconds. */
  readonly readyTimeoutSeconds: number;
}

export interface DatabaseBackups {
  /** Has pg_dump and pg_restore of the server's version; pinned. */
  readonly image: string;
  /** The server's container, in which a restore runs. */
  readonly container: pulumi.Output<string>;
  /** The volume of the dumps, mounted there at /backups. */
  readonly backupVolume: pulumi.Output<string>;
}

/**
 * The backbone on one machine's Docker: the shared network, and on it Postgres, Redis and the gateway, side by side.
 *
 *     const backbone = new DockerBackbone("backbone", { prefix, network, postgres, redis, gateway, readyTimeoutSeconds });
 *     backbone.postgres.login("", password).host; // known once Postgres is healthy and takes the password
 *
 * Nothing but the gateway is published, and that on 127.0.0.1 only. Destroying it destroys the data of both stores.
 */
export class DockerBackbone extends pulumi.ComponentResource {
  readonly network: pulumi.Output<string>;
  /** What gives out logins to the two stores, one for each rotation of a password. */
  readonly postgres: DockerPostgres;
  readonly redis: DockerRedis;
  readonly gatewayUrl: pulumi.Output<string>;
  /** The gateway's container, for what shifts traffic on it. */
  readonly gatewayContainer: pulumi.Output<string>;
  /** What dumps of the database are made with, and where they go. */
  readonly backups: DatabaseBackups;

  constructor(name: string, args: DockerBackboneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:DockerBackbone", name, args, opts);
    const mesh = new docker.Network(
      `${name}-mesh`,
      { name: args.network, driver: "bridge", labels: labels("mesh") },
      { parent: this },
    );
    const shared = { prefix: args.prefix, network: mesh.name, readyTimeoutSeconds: args.readyTimeoutSeconds };
    this.postgres = new DockerPostgres(`${name}-postgres`, { ...args.postgres, ...shared }, { parent: this });
    this.redis = new DockerRedis(`${name}-redis`, { ...args.redis, ...shared }, { parent: this });
    const gateway = new DockerGateway(`${name}-gateway`, { ...args.gateway, ...shared }, { parent: this });

    this.network = mesh.name;
    this.gatewayUrl = gateway.url;
    this.gatewayContainer = gateway.container;
    this.backups = {
      image: args.postgres.image,
      container: this.postgres.container.name,
      backupVolume: this.postgres.backupVolume,
    };
    this.registerOutputs({ network: this.network, gatewayUrl: this.gatewayUrl });
  }
}
