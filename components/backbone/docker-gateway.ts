import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { hardening, healthCheck, labels } from "../hardening";

export interface DockerGatewayArgs {
  /** Start of the names of the container and its volume on this Docker. */
  readonly prefix: string;
  /** The image built from images/gateway, pinned. */
  readonly image: pulumi.Input<string>;
  readonly network: pulumi.Input<string>;
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** The largest request body, in bytes. */
  readonly maxBodyBytes: number;
  /** Limit in MiB. */
  readonly memoryMb: number;
  /** How long it may take to become healthy, in seconds. */
  readonly readyTimeoutSeconds: number;
}

/**
 * The gateway: HAProxy with its runtime socket, published on loopback only. Which version gets the traffic is on its volume and in its
 * memory, written by the `slipway` provider; a restart of the container keeps it.
 *
 * Destroying it destroys the routes.
 */
export class DockerGateway extends pulumi.ComponentResource {
  /** The container's name, by which the provider reaches the runtime socket. */
  readonly container: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: DockerGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:DockerGateway", name, args, opts);
    const volume = new docker.Volume(
      `${name}-routes`,
      { name: `${args.prefix}-gateway`, labels: labels("gateway") },
      { parent: this },
    );
    const container = new docker.Container(
      name,
      {
        ...hardening({
          memoryMb: args.memoryMb,
          processes: 128,
          scratch: ["/run/haproxy"],
          stopSeconds: 30,
          cpuShares: 8192,
        }),
        name: `${args.prefix}-gateway`,
        image: args.image,
        user: "haproxy",
        envs: [`MAX_BODY_BYTES=${args.maxBodyBytes}`],
        ports: [{ internal: 8080, external: args.port, ip: "127.0.0.1", protocol: "tcp" }],
        volumes: [{ volumeName: volume.name, containerPath: "/var/lib/gateway" }],
        networksAdvanced: [{ name: args.network, aliases: ["gateway"] }],
        healthcheck: healthCheck(["gateway-health"], 5),
        wait: true,
        waitTimeout: args.readyTimeoutSeconds,
        labels: labels("gateway"),
      },
      { parent: this },
    );
    this.container = container.name;
    this.url = container.name.apply(() => `http://127.0.0.1:${args.port}`);
    this.registerOutputs({ container: this.container, url: this.url });
  }
}
