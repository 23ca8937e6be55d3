import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Backend } from "../../provider/sdk/backend";
import { SmokeTest } from "../../provider/sdk/smoke-test";
import type { Backbone } from "../backbone/backbone";
import type { DockerBackbone } from "../backbone/docker-backbone";
import { SchemaGate, type BackupPolicy, type MigrationCommands } from "../gates/schema-gate";
import { hardening, healthCheck, labels } from "../hardening";

/** What tells one version of a service from another. */
export interface VersionArgs {
  readonly version: string;
  /** Pinned. */
  readonly image: string;
  /** Full id of the commit it was built from. */
  readonly commit: string;
  /** Limit of each replica in MiB. */
  readonly memoryMb: number;
  /** How long requests in flight may go on when it leaves, in seconds. */
  readonly drainSeconds: number;
  /** Handed to the service as JSON in FEATURE_FLAGS. */
  readonly featureFlags: Readonly<Record<string, boolean>>;
  /** Whether the service uses the real thing or a stand-in, by name; handed to it as JSON in TOGGLES. */
  readonly toggles: Readonly<Record<string, "live" | "mock">>;
  /** Where it finds its data, and its own logins there. */
  readonly stores: Pick<Backbone, "postgres" | "redis">;
}

/** What all versions of a service have in common. */
export interface ServiceArgs {
  /** Start of the containers' names on this Docker. */
  readonly prefix: string;
  readonly service: string;
  /** Containers side by side. */
  readonly replicas: number;
  readonly backbone: Pick<DockerBackbone, "backups" | "gatewayContainer" | "gatewayUrl" | "network">;
  readonly migrations: MigrationCommands;
  readonly backup: BackupPolicy;
  /** How long a version's backup, and each phase of its migrations, may take, in seconds. */
  readonly migrationTimeoutSeconds: number;
  /** How long a version may take to become healthy behind the gateway, in seconds. */
  readonly readyTimeoutSeconds: number;
  /** How long the smoke test may take in all, in seconds. */
  readonly smokeTimeoutSeconds: number;
}

const port = 8080;

/**
 * One version of a service, up to the point where it may have traffic: the schema it needs, its containers, its backend in the gateway
 * (warm, without traffic), and its smoke test. Everything in it is named by the version, so two versions stand side by side, and one goes
 * without touching the other.
 *
 * Destroying it drains the backend first, then removes the containers; schema and dumps stay.
 */
export class ServiceVersion extends pulumi.ComponentResource {
  readonly schema: SchemaGate;
  readonly smokeTest: SmokeTest;

  constructor(args: ServiceArgs & VersionArgs, opts?: pulumi.ComponentResourceOptions) {
    const { service, version, backbone } = args;
    const name = `${service}-${version}`;
    super("slipway:deployments:ServiceVersion", name, {}, opts);
    const env = environmentOf(args);
    this.schema = new SchemaGate(
      name,
      {
        ...{ service, version, image: args.image, env, network: backbone.network },
        commands: args.migrations,
        backup: args.backup,
        postgres: backbone.backups,
        memoryMb: args.memoryMb,
        timeoutSeconds: args.migrationTimeoutSeconds,
      },
      { parent: this },
    );
    const containers = Array.from({ length: args.replicas }, (_, index) =>
      this.replica(`${name}-${index + 1}`, args, env),
    );
    const backend = new Backend(
      name,
      {
        gateway: backbone.gatewayContainer,
        ...{ service, version },
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
    this.smokeTest = new SmokeTest(
      `${name}-smoke`,
      {
        gatewayUrl: backbone.gatewayUrl,
        ...{ service, version },
        checks: [
          { path: "/healthz", status: 200 },
          { path: "/readyz", status: 200 },
          { path: "/version", status: 200, bodyIncludes: version },
          { path: "/", status: 200 },
        ],
        timeoutSeconds: args.smokeTimeoutSeconds,
        backend: backend.id,
      },
      { parent: this },
    );
    this.registerOutputs({ smokeTest: this.smokeTest.id });
  }

  private replica(
    name: string,
    args: ServiceArgs & VersionArgs,
    env: Readonly<Record<string, pulumi.Input<string>>>,
  ): docker.Container {
    return new docker.Container(
      name,
      {
        ...hardening({
          memoryMb: args.memoryMb,
          processes: 256,
          scratch: ["/tmp"],
          stopSeconds: args.drainSeconds + 5,
        }),
        name: `${args.prefix}-${name}`,
        image: args.image,
        user: "1000:1000",
        envs: Object.entries(env).map(([key, value]) => pulumi.interpolate`${key}=${value}`),
        networksAdvanced: [{ name: args.backbone.network }],
        // For those who look at Docker: traffic follows the gateway's own checks, twice a second. Each run starts a Node: 0.3 s of processor.
        healthcheck: healthCheck(["node", "/app/healthcheck.js"], 10, 30),
        labels: [
          ...labels(args.service),
          { label: "slipway.service", value: args.service },
          { label: "slipway.version", value: args.version },
        ],
      },
      // Not before the schema is what this version needs.
      { parent: this, dependsOn: this.schema.expand, additionalSecretOutputs: ["envs"] },
    );
  }
}

function environmentOf(args: VersionArgs): Record<string, pulumi.Input<string>> {
  const { postgres, redis } = args.stores;
  return {
    PORT: String(port),
    APP_VERSION: args.version,
    APP_COMMIT: args.commit,
    DRAIN_SECONDS: String(args.drainSeconds),
    FEATURE_FLAGS: JSON.stringify(args.featureFlags),
    TOGGLES: JSON.stringify(args.toggles),
    PGHOST: postgres.host,
    PGPORT: String(postgres.port),
    PGDATABASE: postgres.database,
    PGUSER: postgres.user,
    PGPASSWORD: postgres.password,
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
    REDIS_PASSWORD: redis.password,
  };
}
