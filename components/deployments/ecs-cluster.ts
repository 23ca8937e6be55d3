import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Cluster } from "@pulumi/aws/ecs/cluster";
import * as pulumi from "@pulumi/pulumi";

export interface EcsClusterArgs {
  /** The cluster's name. */
  readonly prefix: string;
  /** The KMS key of its log. */
  readonly operationsKeyArn: pulumi.Input<string>;
  /** How long what Container Insights measured is kept, in days. */
  readonly logRetentionDays: number;
}

/**
 * Where services run: an ECS cluster for Fargate, with Container Insights.
 *
 *     const cluster = new EcsCluster("cluster", { prefix: "slipway-staging", operationsKeyArn, logRetentionDays: 30 });
 *
 * Destroying it fails while a service is in it.
 */
export class EcsCluster extends pulumi.ComponentResource {
  readonly name: string;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: EcsClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:deployments:EcsCluster", name, {}, opts);
    const { prefix, operationsKeyArn, logRetentionDays } = args;
    // ECS would make it by itself, without key and end.
    const log = new LogGroup(
      `${name}-insights`,
      {
        name: `/aws/ecs/containerinsights/${prefix}/performance`,
        kmsKeyId: operationsKeyArn,
        retentionInDays: logRetentionDays,
      },
      { parent: this },
    );
    const cluster = new Cluster(
      name,
      { name: prefix, settings: [{ name: "containerInsights", value: "enhanced" }] },
      { parent: this, dependsOn: log },
    );
    this.name = prefix;
    this.arn = cluster.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
