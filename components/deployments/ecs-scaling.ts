import { Policy } from "@pulumi/aws/appautoscaling/policy";
import { Target } from "@pulumi/aws/appautoscaling/target";
import * as pulumi from "@pulumi/pulumi";

export interface EcsScalingArgs {
  readonly clusterName: string;
  readonly serviceName: pulumi.Input<string>;
  /** Tasks at least and at most. */
  readonly replicas: number;
  readonly maxReplicas: number;
  /** What CloudWatch knows the load balancer and the service's target groups by. */
  readonly gatewaySuffix: pulumi.Output<string>;
  readonly targetGroupSuffixes: readonly pulumi.Output<string>[];
}

/** Mean CPU that a task is kept at, in percent: half of the rest is there while new tasks start. */
const cpuPercent = 60;
/** Requests that one task gets in a minute. */
const requestsPerMinute = 1000;

/**
 * Keeps as many tasks of a service as its load asks for, by CPU and by requests a task; the higher number wins.
 *
 * Requests are counted over both target groups: traffic is now in one and now in the other, and AWS's ready-made measure is of one group.
 */
export class EcsScaling extends pulumi.ComponentResource {
  constructor(name: string, args: EcsScalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:deployments:EcsScaling", name, {}, opts);
    const target = new Target(
      name,
      {
        serviceNamespace: "ecs",
        scalableDimension: "ecs:service:DesiredCount",
        resourceId: pulumi.interpolate`service/${args.clusterName}/${args.serviceName}`,
        minCapacity: args.replicas,
        maxCapacity: args.maxReplicas,
      },
      { parent: this },
    );
    const track = (
      by: string,
      configuration: ConstructorParameters<typeof Policy>[1]["targetTrackingScalingPolicyConfiguration"],
    ) =>
      new Policy(
        `${name}-${by}`,
        {
          name: `${by}`,
          policyType: "TargetTrackingScaling",
          serviceNamespace: target.serviceNamespace,
          scalableDimension: target.scalableDimension,
          resourceId: target.resourceId,
          targetTrackingScalingPolicyConfiguration: configuration,
        },
        { parent: this },
      );
    track("cpu", {
      targetValue: cpuPercent,
      predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
      scaleInCooldown: 300,
      scaleOutCooldown: 60,
    });
    const groups = args.targetGroupSuffixes.map((suffix, index) => ({
      id: `group${index + 1}`,
      returnData: false,
      metricStat: {
        stat: "Sum",
        metric: {
          namespace: "AWS/ApplicationELB",
          metricName: "RequestCountPerTarget",
          dimensions: [
            { name: "LoadBalancer", value: args.gatewaySuffix },
            { name: "TargetGroup", value: suffix },
          ],
        },
      },
    }));
    track("requests", {
      targetValue: requestsPerMinute,
      customizedMetricSpecification: {
        metrics: [
          ...groups,
          {
            id: "requests",
            label: "Requests per task and minute",
            expression: groups.map(({ id }) => `FILL(${id}, 0)`).join(" + "),
            returnData: true,
          },
        ],
      },
      scaleInCooldown: 300,
      scaleOutCooldown: 60,
    });
    this.registerOutputs({});
  }
}
