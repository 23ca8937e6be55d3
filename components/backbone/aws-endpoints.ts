import { VpcEndpoint } from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";

export interface AwsEndpointsArgs {
  readonly prefix: string;
  readonly region: string;
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
}

/** What a Fargate task calls to start: its image, its secrets, its log. https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html */
const services = ["ecr.api", "ecr.dkr", "secretsmanager", "logs"] as const;

/** AWS's services at addresses within the network: tasks need no way to the internet to start. */
export class AwsEndpoints extends pulumi.ComponentResource {
  constructor(name: string, args: AwsEndpointsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:AwsEndpoints", name, args, opts);
    for (const service of services) {
      const role = service.replace(".", "-");
      new VpcEndpoint(
        `${name}-${role}`,
        {
          vpcId: args.vpcId,
          vpcEndpointType: "Interface",
          serviceName: `com.amazonaws.${args.region}.${service}`,
          subnetIds: args.subnetIds,
          securityGroupIds: [args.securityGroupId],
          privateDnsEnabled: true,
          tags: { Name: `${args.prefix}-${role}` },
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
