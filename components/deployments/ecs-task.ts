import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { TaskDefinition } from "@pulumi/aws/ecs/taskDefinition";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";
import type { AwsPlatform } from "../backbone/aws-platform";
import type { SecretReference } from "../backbone/backbone";
import { ecrImage } from "./ecs-image";
import { executionStatements, policy, trust } from "../iam";
import { servicePort } from "./ecs-routes";
import { fargateSize } from "./fargate-size";
import type { VersionArgs } from "./service-version";

/** What tells one version of a service on ECS from another. */
export interface EcsVersionArgs extends Omit<VersionArgs, "stores"> {
  /** CPU units, 1024 are one vCPU; with `memoryMb` a size that Fargate has. */
  readonly cpu: number;
}

export interface EcsTaskArgs {
  readonly prefix: string;
  readonly service: string;
  readonly platform: Pick<AwsPlatform, "operationsKeyArn" | "postgres" | "redis" | "secretsKeyArn">;
  readonly version: EcsVersionArgs;
  readonly logRetentionDays: number;
}

/** Fargate waits this long at most between SIGTERM and SIGKILL, in seconds (API reference, ContainerDefinition). */
const longestStopSeconds = 120;

/**
 * What a version of a service is on ECS: its task definition, its log, the role that starts its tasks, and the role that they have, which
 * may do nothing. Tasks run without root, on a read-only root, without capabilities; their secrets are named, and ECS resolves them.
 *
 * Another version is another revision of the definition; the old ones stay, so that ECS can go back. Destroying it leaves them too.
 *
 * @throws Error for an image that is not pinned by digest in a registry, and for a size that Fargate does not have
 */
export class EcsTask extends pulumi.ComponentResource {
  /** Of this revision. */
  readonly definitionArn: pulumi.Output<string>;
  readonly family: string;
  /** The roles that whoever runs a task hands over. */
  readonly roleArns: readonly pulumi.Output<string>[];

  constructor(name: string, args: EcsTaskArgs, opts?: pulumi.ComponentResourceOptions) {
    const { prefix, service, platform, version } = args;
    const size = fargateSize(version.cpu, version.memoryMb);
    const image = ecrImage(version.image);
    super("slipway:deployments:EcsTask", name, {}, opts);
    this.family = `${prefix}-${service}`;
    const log = new LogGroup(
      `${name}-log`,
      {
        name: `/${prefix}/${service}`,
        kmsKeyId: platform.operationsKeyArn,
        retentionInDays: args.logRetentionDays,
      },
      { parent: this },
    );
    const assumeRolePolicy = trust("ecs-tasks.amazonaws.com");
    const execution = new Role(
      `${name}-execution`,
      {
        name: `${this.family}-execution`,
        description: `Starts the tasks of ${service}: image, log, secrets`,
        assumeRolePolicy,
      },
      { parent: this },
    );
    const { postgres, redis, secretsKeyArn } = platform;
    const permissions = new RolePolicy(
      `${name}-execution`,
      {
        name: "start-tasks",
        role: execution.name,
        policy: pulumi
          .all([log.arn, postgres.password.arn, redis.password.arn, secretsKeyArn])
          .apply(([logGroupArn, postgresArn, redisArn, secretsKeyArn]) =>
            policy(
              executionStatements({ image, logGroupArn, secretArns: [postgresArn, redisArn], secretsKeyArn }),
            ),
          ),
      },
      { parent: this },
    );
    const task = new Role(
      `${name}-task`,
      {
        name: `${this.family}-task`,
        description: `The tasks of ${service}, which call nothing of AWS`,
        assumeRolePolicy,
      },
      { parent: this },
    );
    const definition = new TaskDefinition(
      `${name}-task`,
      {
        family: this.family,
        ...size,
        networkMode: "awsvpc",
        requiresCompatibilities: ["FARGATE"],
        runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "X86_64" },
        executionRoleArn: execution.arn,
        taskRoleArn: task.arn,
        containerDefinitions: containerDefinitions(args, log),
        skipDestroy: true,
      },
      // Not before its tasks could start.
      { parent: this, dependsOn: permissions },
    );
    this.definitionArn = definition.arn;
    this.roleArns = [execution.arn, task.arn];
    this.registerOutputs({ definitionArn: this.definitionArn });
  }
}

function containerDefinitions(args: EcsTaskArgs, log: LogGroup): pulumi.Output<string> {
  const { service, version, platform } = args;
  const { postgres, redis } = platform;
  const environment: Record<string, pulumi.Input<string>> = {
    APP_COMMIT: version.commit,
    APP_VERSION: version.version,
    DRAIN_SECONDS: String(version.drainSeconds),
    FEATURE_FLAGS: JSON.stringify(version.featureFlags),
    PGDATABASE: postgres.database,
    PGHOST: postgres.host,
    PGPORT: String(postgres.port),
    PGSSLMODE: "verify-full",
    PGUSER: postgres.user,
    PORT: String(servicePort),
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
    REDIS_TLS: "1",
    TOGGLES: JSON.stringify(version.toggles),
  };
  return pulumi.jsonStringify([
    {
      name: service,
      image: version.image,
      essential: true,
      user: "1000:1000",
      privileged: false,
      readonlyRootFilesystem: true,
      linuxParameters: {
        initProcessEnabled: true,
        capabilities: { drop: ["ALL"] },
        tmpfs: [{ containerPath: "/tmp", size: 16, mountOptions: ["rw", "noexec", "nosuid", "nodev"] }],
      },
      portMappings: [{ containerPort: servicePort, hostPort: servicePort, protocol: "tcp" }],
      healthCheck: {
        command: ["CMD", "node", "/app/healthcheck.js"],
        interval: 10,
        timeout: 5,
        retries: 3,
        startPeriod: 30,
      },
      stopTimeout: Math.min(version.drainSeconds + 5, longestStopSeconds),
      environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
      secrets: [
        { name: "PGPASSWORD", valueFrom: valueFrom(postgres.password) },
        { name: "REDIS_PASSWORD", valueFrom: valueFrom(redis.password) },
      ],
      logConfiguration: {
        logDriver: "awslogs",
        options: {
          "awslogs-group": log.name,
          "awslogs-region": log.arn.apply((arn) => arn.split(":")[3]),
          "awslogs-stream-prefix": version.version,
        },
      },
    },
  ]);
}

/** How ECS names a secret, or one member of its JSON text: `arn:key::`. */
function valueFrom({ arn, key }: SecretReference): pulumi.Output<string> {
  return key === undefined ? arn : pulumi.interpolate`${arn}:${key}::`;
}
