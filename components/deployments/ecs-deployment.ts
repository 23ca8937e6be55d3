import { getServiceOutput } from "@pulumi/aws/ecs/getService";
import { Service } from "@pulumi/aws/ecs/service";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";
import type { SmokeCheck } from "../../provider/schema/smoke-test";
import type { Strategy } from "../../provider/schema/strategy";
import type { AwsPlatform } from "../backbone/aws-platform";
import { approvalMinutes, EcsGates } from "../gates/ecs-gates";
import type { MigrationCommands } from "../gates/schema-gate";
import { policy, trafficStatements, trust } from "../iam";
import type { EcsCluster } from "./ecs-cluster";
import { type EcsPlan, planEcs } from "./ecs-plan";
import { type EcsRoutes, servicePort } from "./ecs-routes";
import { EcsScaling } from "./ecs-scaling";
import { EcsTask, type EcsVersionArgs } from "./ecs-task";
import { rolledBack } from "./ecs-verify";
import { faultOf } from "../fault";

export interface EcsDeploymentArgs {
  readonly prefix: string;
  readonly service: string;
  readonly platform: AwsPlatform;
  readonly cluster: Pick<EcsCluster, "arn" | "name">;
  readonly routes: Pick<EcsRoutes, keyof EcsRoutes & `${string}${"Arn" | "Suffix"}`>;
  readonly strategy: Strategy;
  /** The version that is to have the traffic. */
  readonly target: EcsVersionArgs;
  /** The version that has it now, or had it before where the target has it; null before the first deployment. */
  readonly previousVersion: string | null;
  /** The target was live before: no gate stands in its way. */
  readonly rollback: boolean;
  /** Tasks at least, and at most. */
  readonly replicas: number;
  readonly maxReplicas: number;
  /** CloudWatch alarms, any of which rolls a deployment back. */
  readonly alarmNames: pulumi.Input<string>[];
  readonly migrations: Pick<MigrationCommands, "run">;
  readonly backup: { readonly keepDays: number };
  /** How long a backup, and each phase of a version's migrations, may take, in seconds, 1 to 900. */
  readonly migrationTimeoutSeconds: number;
  /** Whether somebody has to let the traffic move; only strategies that shift traffic can wait for it. */
  readonly approval: "none" | "required";
  readonly logRetentionDays: number;
  /** Is told when a gate breaks down. */
  readonly alarmsTopicArn: pulumi.Input<string>;
}

/**
 * A service on ECS Fargate: the version that is to be live, its gates, and the way traffic moves to it, which ECS's own deployment
 * controller goes. The update waits until ECS is done, bakes included; Ctrl-C has ECS roll back.
 *
 *     new EcsDeployment("sample", {
 *       prefix, service: "sample", platform, cluster, routes, strategy: { kind: "canary", steps: [5, 100], bakeSeconds: 600, sticky: false },
 *       target, previousVersion: "1.3.0", rollback: false, replicas: 2, maxReplicas: 6, alarmNames, approval: "required", …
 *     }).live; // "1.4.0"
 *
 * Another strategy rebuilds nothing: it only tells ECS how the next version is to take over. A deployment that ECS rolled back is an
 * error, however quietly it did: what runs is compared with what was asked for. Destroying it stops the service.
 *
 * @throws pulumi.ResourceError for a strategy or size that ECS does not have, and for an image that is not pinned
 */
export class EcsDeployment extends pulumi.ComponentResource {
  /** The version that has the traffic. */
  readonly live: pulumi.Output<string>;
  /** The version that had it before. */
  readonly previous: pulumi.Output<string | null>;
  /** What runs, once it is known to be what was asked for. */
  readonly taskDefinitionArn: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;
  /** ISO time at which ECS began the deployment that runs. */
  readonly deployedAt: pulumi.Output<string>;

  constructor(name: string, args: EcsDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:deployments:EcsDeployment", name, {}, opts);
    const { prefix, service, platform, cluster, routes, target, rollback } = args;
    const plan = this.checked(() => planFor(args));
    const task = this.checked(() => new EcsTask(name, { ...args, version: target }, { parent: this }));
    const gates = new EcsGates(
      `${name}-gates`,
      { ...args, family: task.family, clusterArn: cluster.arn, roleArns: task.roleArns },
      { parent: this },
    );
    const gated = !rollback;
    const hooks =
      gated && plan.shiftsTraffic ? gates.lifecycleHooks(smokeChecks(target.version), args.approval) : [];
    const before = gated && !plan.shiftsTraffic ? [gates.before(task.definitionArn)] : [];
    const { role, permissions } = this.trafficRole(name, task.family, args);

    const ecsService = new Service(
      name,
      {
        name: task.family,
        cluster: cluster.arn,
        taskDefinition: task.definitionArn,
        desiredCount: args.replicas,
        launchType: "FARGATE",
        platformVersion: "LATEST",
        enableExecuteCommand: false,
        enableEcsManagedTags: true,
        propagateTags: "SERVICE",
        availabilityZoneRebalancing: plan.deploymentMaximumPercent > 100 ? "ENABLED" : "DISABLED",
        healthCheckGracePeriodSeconds: 60,
        networkConfiguration: {
          subnets: platform.privateSubnetIds,
          securityGroups: [platform.serviceSecurityGroupId],
          assignPublicIp: false,
        },
        loadBalancers: [
          {
            containerName: service,
            containerPort: servicePort,
            targetGroupArn: routes.blueArn,
            advancedConfiguration: {
              alternateTargetGroupArn: routes.greenArn,
              productionListenerRule: routes.productionRuleArn,
              testListenerRule: routes.testRuleArn,
              roleArn: role.arn,
            },
          },
        ],
        deploymentController: { type: "ECS" },
        deploymentConfiguration: { ...plan.deploymentConfiguration, lifecycleHooks: hooks },
        deploymentMinimumHealthyPercent: plan.deploymentMinimumHealthyPercent,
        deploymentMaximumPercent: plan.deploymentMaximumPercent,
        deploymentCircuitBreaker: { enable: plan.circuitBreaker, rollback: plan.circuitBreaker },
        // On the way back too: where one rings already, for the version that is left, ECS ignores them all for that deployment (ECS
        // Developer Guide, "How CloudWatch alarms detect Amazon ECS deployment failures").
        alarms: { alarmNames: args.alarmNames, enable: true, rollback: true },
        waitForSteadyState: true,
        sigintRollback: true,
      },
      {
        parent: this,
        dependsOn: [gates, permissions, ...before],
        // Both change as the service runs: how many tasks there are, and which target group has the traffic.
        ignoreChanges: ["desiredCount", "loadBalancers"],
        customTimeouts: timeouts(plan, args, hooks.length > 0),
      },
    );
    new EcsScaling(
      `${name}-scaling`,
      {
        ...args,
        clusterName: cluster.name,
        serviceName: ecsService.name,
        gatewaySuffix: platform.gateway.arnSuffix,
        targetGroupSuffixes: [routes.blueSuffix, routes.greenSuffix],
      },
      { parent: this },
    );

    const running = getServiceOutput(
      { clusterArn: cluster.arn, serviceName: ecsService.name },
      { parent: this, dependsOn: ecsService },
    );
    this.taskDefinitionArn = pulumi
      .all([task.definitionArn, running.taskDefinition, cluster.arn])
      .apply(([requested, found, clusterArn]) => {
        const fault = rolledBack({ service: `${prefix}-${service}`, clusterArn, requested, running: found });
        // A preview shows how it is before the update, which may mend it.
        if (fault !== undefined && !pulumi.runtime.isDryRun()) throw faultOf(this, fault);
        if (fault !== undefined) void pulumi.log.warn(fault, this);
        return requested;
      });
    if (gated) gates.contract(this.taskDefinitionArn, this);

    this.live = this.taskDefinitionArn.apply(() => target.version);
    this.previous = this.taskDefinitionArn.apply(() => args.previousVersion);
    this.serviceName = ecsService.name;
    this.deployedAt = running.deployments.apply((deployments) => {
      const { createdAt } = deployments.find(({ status }) => status === "PRIMARY") ?? {};
      return createdAt === undefined ? "" : new Date(createdAt).toISOString();
    });
    this.registerOutputs({ live: this.live, taskDefinitionArn: this.taskDefinitionArn });
  }

  /** What ECS moves the traffic with. */
  private trafficRole(name: string, family: string, { service, routes }: EcsDeploymentArgs) {
    const role = new Role(
      `${name}-traffic`,
      {
        name: `${family}-traffic`,
        description: `ECS moves the traffic of ${service} between its target groups`,
        assumeRolePolicy: trust("ecs.amazonaws.com"),
      },
      { parent: this },
    );
    const permissions = new RolePolicy(
      `${name}-traffic`,
      {
        name: "move-traffic",
        role: role.name,
        policy: pulumi
          .all([routes.blueArn, routes.greenArn, routes.productionRuleArn, routes.testRuleArn])
          .apply(([blue, green, production, test]) =>
            policy(trafficStatements([blue, green], [production, test])),
          ),
      },
      { parent: this },
    );
    return { role, permissions };
  }

  /** What is wrong in the user's input ends the program as one line on this component. */
  private checked<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw faultOf(this, error instanceof Error ? error.message : String(error));
    }
  }
}

function planFor({ strategy, rollback, approval }: EcsDeploymentArgs): EcsPlan {
  const plan = planEcs(strategy, rollback);
  if (approval === "required" && !plan.shiftsTraffic) {
    throw new Error(
      `An approval is required, and ECS cannot wait for one with the strategy "${strategy.kind}". ` +
        'Use "blue-green" or "canary", or ask for no approval.',
    );
  }
  return plan;
}

function smokeChecks(version: string): SmokeCheck[] {
  return [
    { path: "/healthz", status: 200 },
    { path: "/readyz", status: 200 },
    { path: "/version", status: 200, bodyIncludes: version },
    { path: "/", status: 200 },
  ];
}

/** The provider waits 20 minutes by itself: enough for tasks to start, not for gates and bakes. */
function timeouts(plan: EcsPlan, args: EcsDeploymentArgs, hooked: boolean): pulumi.CustomTimeouts {
  const hookMinutes = hooked ? Math.ceil((2 * args.migrationTimeoutSeconds) / 60) + 5 : 0;
  const waiting = hooked && args.approval === "required" ? approvalMinutes : 0;
  const minutes = `${20 + plan.bakeMinutes + hookMinutes + waiting}m`;
  return { create: minutes, update: minutes };
}
