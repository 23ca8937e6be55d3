import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Backend } from "../../provider/sdk/backend";
import type { Backbone } from "../backbone/backbone";
import { hardening, healthCheck, labels } from "../hardening";

export interface ServiceVersionArgs {
  /** Start of the containers' names on this Docker. */
  readonly prefix: string;
  readonly service: string;
  readonly version: string;
  /** Pinned. */
  readonly image: string;
  /** Containers side by side. */
  readonly replicas: number;
  /** Limit of each in MiB. */
  readonly memoryMb: number;
  readonly backbone: Backbone;
  /** The gateway's container. */
  readonly gateway: pulumi.Input<string>;
  /** How long it may take to become healthy behind the gateway, in seconds. */
  readonly readyTimeoutSeconds: number;
  /** How long requests in flight may go on when it leaves, in seconds. */
  readonly drainSeconds: number;
}

const port = 8080;

/**
 * One version of a service: its containers, and its backend in the gateway, warm but without traffic. Everything in it is named by the
 * version, so two versions stand side by side, and one goes without touching the other.
 *
 * Destroying it drains the backend first, then removes the containers.
 */
export class ServiceVersion extends pulumi.ComponentResource {
  readonly backend: Backend;

  constructor(name: string, args: ServiceVersionArgs, opts?: pulumi.ComponentResourceOptions) {
    const { backbone, ...inputs } = args;
    super("slipway:deployments:ServiceVersion", name, inputs, opts);
    const { postgres, redis, network } = backbone;
    const containers = Array.from({ length: args.replicas }, (_, index) => {
      const replica = `${name}-${index + 1}`;
      return new docker.Container(
        replica,
        {
          ...hardening({
            memoryMb: args.memoryMb,
            processes: 256,
            scratch: ["/tmp"],
            stopSeconds: args.drainSeconds + 5,
          }),
          name: `${args.prefix}-${replica}`,
          image: args.image,
          user: "1000:1000",
          envs: [
            `PORT=${port}`,
            `APP_VERSION=${args.version}`,
            `DRAIN_SECONDS=${args.drainSeconds}`,
            "MIGRATE_ON_START=1",
            pulumi.interpolate`PGHOST=${postgres.host}`,
            `PGPORT=${postgres.port}`,
            `PGDATABASE=${postgres.database}`,
            `PGUSER=${postgres.user}`,
            pulumi.interpolate`PGPASSWORD=${postgres.password}`,
            pulumi.interpolate`REDIS_HOST=${redis.host}`,
            `REDIS_PORT=${redis.port}`,
            pulumi.interpolate`REDIS_PASSWORD=${redis.password}`,
          ],
          networksAdvanced: [{ name: network }],
          healthcheck: healthCheck(["node", "/app/healthcheck.js"], 10),
          labels: [
            ...labels(args.service),
            { label: "slipway.service", value: args.service },
            { label: "slipway.version", value: args.version },
          ],
        },
        { parent: this, additionalSecretOutputs: ["envs"] },
      );
    });
    this.backend = new Backend(
      name,
      {
        gateway: args.gateway,
        service: args.service,
        version: args.version,
        servers: containers.map((container, index) => ({
          name: `s${index + 1}`,
          container: container.name,
          port,
        })),
        healthPath: "/readyz",
        readyTimeoutSeconds: args.readyTimeoutSeconds,
        drainSeconds: args.drainSeconds,
      },
      { parent: this, dependsOn: containers },
    );
    this.registerOutputs({ backend: this.backend.id });
  }
}
