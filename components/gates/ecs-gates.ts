import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { Invocation } from "@pulumi/aws/lambda/invocation";
import * as pulumi from "@pulumi/pulumi";
import type { SmokeCheck } from "../../provider/schema/smoke-test";
import type { AwsPlatform } from "../backbone/aws-platform";
import { backupStatements, migrationStatements, policy, trust } from "../iam";
import { EcsHook } from "./ecs-hook";
import type { MigrationCommands } from "./schema-gate";

export interface EcsGatesArgs {
  readonly service: string;
  /** The service's name in ECS, and its task definitions' family: `<prefix>-<service>`. */
  readonly family: string;
  readonly clusterArn: pulumi.Input<string>;
  readonly platform: Pick<
    AwsPlatform,
    | "gateway"
    | "gatewayUrl"
    | "hookSecurityGroupId"
    | "operationsKeyArn"
    | "postgresInstance"
    | "postgresInstanceArn"
    | "privateSubnetIds"
    | "serviceSecurityGroupId"
  >;
  readonly migrations: Pick<MigrationCommands, "run">;
  /** Snapshots that are older go, in days. */
  readonly backup: { readonly keepDays: number };
  /** How long a backup, and each phase of a version's migrations, may take, in seconds, 1 to 900. */
  readonly migrationTimeoutSeconds: number;
  /** The roles that a task has. */
  readonly roleArns: readonly pulumi.Input<string>[];
  readonly alarmsTopicArn: pulumi.Input<string>;
  readonly logRetentionDays: number;
}

/** The part of a service's deployment configuration that names its gates. */
export interface LifecycleHook {
  readonly lifecycleStages: string[];
  readonly targetType?: "AWS_LAMBDA" | "PAUSE";
  readonly hookTargetArn?: pulumi.Output<string>;
  readonly roleArn?: pulumi.Output<string>;
  /** JSON. */
  readonly hookDetails?: string;
  readonly timeoutConfiguration?: { readonly timeoutInMinutes: string; readonly action: "ROLLBACK" };
}

/** How long an approval may take before ECS rolls back, in minutes. */
export const approvalMinutes = 1440;

/**
 * What must hold before a version of a service on ECS has traffic: a snapshot of the database and the migrations that only add, before it
 * starts; the smoke test through the gateway's test listener, and an approval where one is asked for, before traffic moves to it.
 *
 * Strategies that shift traffic have ECS call the gates at its stages (`lifecycleHooks`); for the others Pulumi does, before it changes
 * the service (`before`). Migrations that take away are Pulumi's always, once the bake is over (`contract`): ECS has no stage there.
 *
 * Destroying it takes the gates away; snapshots and the schema stay.
 */
export class EcsGates extends pulumi.ComponentResource {
  private readonly backup: EcsHook;
  private readonly migration: EcsHook;
  private readonly smokeTest: EcsHook;
  private readonly invokeRole: Role;

  constructor(
    private readonly gatesName: string,
    args: EcsGatesArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("slipway:gates:EcsGates", gatesName, {}, opts);
    const { family, service, platform, clusterArn } = args;
    const common = {
      family,
      operationsKeyArn: platform.operationsKeyArn,
      alarmsTopicArn: args.alarmsTopicArn,
      logRetentionDays: args.logRetentionDays,
    };
    this.backup = new EcsHook(
      `${gatesName}-backup`,
      {
        ...common,
        hook: "backup",
        timeoutSeconds: args.migrationTimeoutSeconds,
        environment: {
          INSTANCE: platform.postgresInstance,
          KEEP_DAYS: String(args.backup.keepDays),
          SNAPSHOTS: family,
        },
        statements: platform.postgresInstanceArn.apply((arn) => backupStatements(arn, family)),
        network: undefined,
      },
      { parent: this },
    );
    this.migration = new EcsHook(
      `${gatesName}-migration`,
      {
        ...common,
        hook: "migration",
        // It waits for the backup's end first.
        timeoutSeconds: 2 * args.migrationTimeoutSeconds,
        environment: {
          CLUSTER: clusterArn,
          COMMAND: JSON.stringify(args.migrations.run),
          CONTAINER: service,
          SNAPSHOTS: family,
          SECURITY_GROUP: platform.serviceSecurityGroupId,
          SUBNETS: pulumi.all(platform.privateSubnetIds).apply((ids) => ids.join(",")),
        },
        statements: pulumi
          .all([clusterArn, args.roleArns, platform.postgresInstanceArn])
          .apply(([clusterArn, roleArns, instanceArn]) =>
            migrationStatements({ clusterArn, family, roleArns, instanceArn }),
          ),
        network: undefined,
      },
      { parent: this },
    );
    this.smokeTest = new EcsHook(
      `${gatesName}-smoke-test`,
      {
        ...common,
        hook: "smoke-test",
        timeoutSeconds: 120,
        environment: {
          GATEWAY: platform.gateway.dnsName,
          GATEWAY_PORT: "8443",
          HOST: platform.gatewayUrl.apply((url) => new URL(url).hostname),
        },
        statements: [],
        network: { subnetIds: platform.privateSubnetIds, securityGroupId: platform.hookSecurityGroupId },
      },
      { parent: this },
    );
    this.invokeRole = new Role(
      `${gatesName}-invoke`,
      {
        name: `${family}-hooks`,
        description: `ECS calls the hooks of ${service}`,
        assumeRolePolicy: trust("ecs.amazonaws.com"),
      },
      { parent: this },
    );
    const functions = [this.backup, this.migration, this.smokeTest].map(({ functionArn }) => functionArn);
    new RolePolicy(
      `${gatesName}-invoke`,
      {
        name: "invoke",
        role: this.invokeRole.name,
        policy: pulumi
          .all(functions)
          .apply((resources) => policy([{ actions: ["lambda:InvokeFunction"], resources }])),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }

  /** For a strategy that shifts traffic: what ECS calls, and waits for, at which stage. */
  lifecycleHooks(smokeChecks: readonly SmokeCheck[], approval: "none" | "required"): LifecycleHook[] {
    const call = (stage: string, { functionArn }: EcsHook, details?: Record<string, unknown>) => ({
      lifecycleStages: [stage],
      targetType: "AWS_LAMBDA" as const,
      hookTargetArn: functionArn,
      roleArn: this.invokeRole.arn,
      ...(details && { hookDetails: JSON.stringify(details) }),
    });
    return [
      call("PRE_SCALE_UP", this.backup),
      // ECS calls both at once: this one waits until the snapshot is there.
      call("PRE_SCALE_UP", this.migration),
      call("POST_TEST_TRAFFIC_SHIFT", this.smokeTest, { checks: smokeChecks }),
      ...(approval === "none"
        ? []
        : [
            {
              lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"],
              targetType: "PAUSE" as const,
              timeoutConfiguration: {
                timeoutInMinutes: String(approvalMinutes),
                action: "ROLLBACK" as const,
              },
            },
          ]),
    ];
  }

  /** For a strategy that does not: the backup, then the migrations that only add, of a version that is about to start. */
  before(taskDefinition: pulumi.Output<string>): pulumi.Resource {
    const backup = this.invoke("backup", this.backup, taskDefinition, "expand", { parent: this });
    return this.invoke("expand", this.migration, taskDefinition, "expand", {
      parent: this,
      dependsOn: backup,
    });
  }

  /**
   * The migrations that take away, once `taskDefinition` is known to run alone. The parent is another than the gates: the service waits for
   * all of theirs.
   */
  contract(taskDefinition: pulumi.Output<string>, parent: pulumi.Resource): void {
    this.invoke("contract", this.migration, taskDefinition, "contract", { parent });
  }

  private invoke(
    role: string,
    { functionName }: EcsHook,
    taskDefinition: pulumi.Output<string>,
    phase: "contract" | "expand",
    opts: pulumi.CustomResourceOptions,
  ): Invocation {
    return new Invocation(
      `${this.gatesName}-${role}`,
      { functionName, input: pulumi.jsonStringify({ taskDefinition, phase }) },
      opts,
    );
  }
}
