import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { hardening, healthCheck, labels } from "../hardening";
import { Login } from "../../provider/sdk/login";
import { generationName } from "../secrets/generation";
import type { RedisEndpoint } from "./backbone";

export interface DockerRedisArgs {
  /** Start of the names of the container and its volume on this Docker. */
  readonly prefix: string;
  /** A pinned image; see images/redis for what it must offer. */
  readonly image: pulumi.Input<string>;
  readonly network: pulumi.Input<string>;
  /** Limit in MiB; keys are evicted at three quarters of it. */
  readonly memoryMb: number;
  /** How long it may take to become healthy, in seconds. */
  readonly readyTimeoutSeconds: number;
}

const port = 6379;

/**
 * Keeps what passwords the default user has, and makes an administrator for this run, of whom only this container knows: for health checks
 * and logins, whatever passwords come and go.
 */
const prepareUsers = `
set -eu
umask 077
cd /data
hash() { sha256sum | cut -c -64; }
head -c 32 /dev/urandom | hash > /tmp/admin
{
  grep '^user default ' users.acl 2> /dev/null || echo 'user default on ~* &* +@all'
  echo "user admin on #$(printf %s "$(cat /tmp/admin)" | hash) -@all +ping +acl"
} > users.acl.next
mv users.acl.next users.acl`.trim();

/**
 * Redis in a container: append-only file on a volume, least recently used keys evicted, no published port. It takes the passwords of the
 * logins, which it keeps hashed on its volume; until there is one, none.
 *
 * Destroying it destroys the volume and what is in it.
 */
export class DockerRedis extends pulumi.ComponentResource {
  private readonly container: docker.Container;

  constructor(
    private readonly resourceName: string,
    args: DockerRedisArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("slipway:backbone:DockerRedis", resourceName, args, opts);
    const volume = new docker.Volume(
      `${resourceName}-data`,
      { name: `${args.prefix}-redis`, labels: labels("redis") },
      { parent: this },
    );
    const limits = `--maxmemory ${Math.floor((args.memoryMb * 3) / 4)}mb --maxmemory-policy allkeys-lru`;
    this.container = new docker.Container(
      resourceName,
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
        entrypoints: ["sh", "-c"],
        command: [
          `${prepareUsers}\nexec redis-server --dir /data --appendonly yes --aclfile /data/users.acl ${limits}`,
        ],
        volumes: [{ volumeName: volume.name, containerPath: "/data" }],
        networksAdvanced: [{ name: args.network, aliases: ["redis"] }],
        healthcheck: healthCheck(
          ["sh", "-c", 'test "$(REDISCLI_AUTH=$(cat /tmp/admin) redis-cli --user admin ping)" = PONG'],
          10,
        ),
        wait: true,
        waitTimeout: args.readyTimeoutSeconds,
        labels: labels("redis"),
      },
      { parent: this },
    );
    this.registerOutputs({ host: this.container.name, port });
  }

  /** The password at one rotation, valid beside those of others. Once for each rotation. */
  login(rotation: string, password: pulumi.Output<string>): RedisEndpoint {
    const { container } = new Login(
      generationName(`${this.resourceName}-login`, rotation),
      {
        store: "redis",
        user: "default",
        owner: "default",
        password,
        container: this.container.name,
        after: this.container.id,
      },
      { parent: this, deletedWith: this.container },
    );
    return { host: container, port, password };
  }
}
