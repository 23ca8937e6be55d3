import { LogGroup } from "@pulumi/aws/cloudwatch";
import { FlowLog } from "@pulumi/aws/ec2";
import { Role, RolePolicy } from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { trust } from "../iam";
import type { LogStorage } from "./aws-platform";

export interface AwsFlowLogsArgs {
  readonly prefix: string;
  readonly vpcId: pulumi.Input<string>;
  readonly logs: LogStorage;
}

/**
 * A record of every connection in a network, accepted or refused, a minute at a time, in the log group `/<prefix>/flow`.
 *
 * Destroying it destroys the records.
 */
export class AwsFlowLogs extends pulumi.ComponentResource {
  constructor(name: string, args: AwsFlowLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:AwsFlowLogs", name, args, opts);
    const group = new LogGroup(
      `${name}-group`,
      { name: `/${args.prefix}/flow`, ...args.logs },
      { parent: this },
    );
    const role = new Role(
      `${name}-role`,
      {
        name: `${args.prefix}-flow-logs`,
        description: "Writes the network's flow logs",
        assumeRolePolicy: trust("vpc-flow-logs.amazonaws.com"),
      },
      { parent: this },
    );
    const policy = new RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        name: "write-flow-logs",
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: [
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
              ],
              Resource: [group.arn, pulumi.interpolate`${group.arn}:*`],
            },
          ],
        }),
      },
      { parent: this },
    );
    new FlowLog(
      name,
      {
        vpcId: args.vpcId,
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: group.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 60,
        tags: { Name: `${args.prefix}-flow` },
      },
      { parent: this, dependsOn: [policy] },
    );
    this.registerOutputs({});
  }
}
