import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { hardening, healthCheck, labels } from "../hardening";
import type { RedisEndpoint } from "./backbone";

export interface DockerRedisArgs {
  /** Start of the names of the container and its volume on this Docker. */
  readonly prefix: string;
  /** A pinned image; see images/redis for what it must offer. */
  readonly image: pulumi.Input<string>;
  readonly network: pulumi.Input<string>;
  readonly password: pulumi.Output<string>;
  /** Limit in MiB; keys are evicted at three quarters of it. */
  readonly memoryMb: number;
  /** How long it may take to become healthy, in seconds. */
  readonly readyTimeoutSeconds: number;
}

const port = 6379;

/**
 * Redis in a container: password, append-only file on a volume, least recently used keys evicted, no published port.
 *
 * Destroying it destroys the volume and what is in it.
 */
export class DockerRedis extends pulumi.ComponentResource {
  readonly endpoint: RedisEndpoint;

  constructor(name: string, args: DockerRedisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:DockerRedis", name, args, opts);
    const volume = new docker.Volume(
      `${name}-data`,
      { name: `${args.prefix}-redis`, labels: labels("redis") },
      { parent: this },
    );
    const limits = `--maxmemory ${Math.floor((args.memoryMb * 3) / 4)}mb --maxmemory-policy allkeys-lru`;
    const container = new docker.Container(
      name,
      {
        ...hardening({
          memoryMb: args.memoryMb,
          processes: 128,
          scratch: ["/tmp"],
          stopSeconds: 10,
          cpuShares: 4096,
        }),
        name: `${args.prefix}-redis`,
        image: args.image,
        user: "redis",
        // The password goes in on standard input, since an argument would show in the process list; from a here-document, so that Redis
        // replaces the shell and hears the signal to stop.
        entrypoints: ["sh", "-c"],
        command: [
          `exec redis-server - --dir /data --appendonly yes ${limits} <<END\nrequirepass $REDIS_PASSWORD\nEND`,
        ],
        envs: [pulumi.interpolate`REDIS_PASSWORD=${args.password}`],
        volumes: [{ volumeName: volume.name, containerPath: "/data" }],
        networksAdvanced: [{ name: args.network, aliases: ["redis"] }],
        healthcheck: healthCheck(
          ["sh", "-c", 'test "$(REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli ping)" = PONG'],
          10,
        ),
        wait: true,
        waitTimeout: args.readyTimeoutSeconds,
        labels: labels("redis"),
      },
      { parent: this, additionalSecretOutputs: ["envs"] },
    );
    this.endpoint = { host: container.name, port, password: args.password };
    this.registerOutputs({ host: container.name, port });
  }
}
