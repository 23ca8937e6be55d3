import { Listener, LoadBalancer } from "@pulumi/aws/lb";
import * as pulumi from "@pulumi/pulumi";
import { AwsGatewayLogs } from "./aws-gateway-logs";
import type { AwsGateway, LogStorage } from "./aws-platform";
import { AwsWebAcl } from "./aws-web-acl";

export interface AwsLoadBalancerArgs {
  readonly prefix: string;
  readonly accountId: string;
  readonly subnetIds: pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  /** The ACM certificate of both HTTPS listeners. */
  readonly certificateArn: pulumi.Input<string>;
  readonly logs: LogStorage;
  /** Keeps it, and the logs it wrote, from being destroyed. */
  readonly protect: boolean;
}

/** TLS 1.3, and 1.2 with forward secrecy: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const sslPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/**
 * The gateway on AWS: a load balancer in the public subnets with a firewall before it. It listens on 443 for production traffic and on 8443
 * for smoke tests, answers 404 where no service has a rule, and sends plain HTTP on 80 to 443.
 *
 * Destroying it takes every service off the air, which deletion protection refuses where `protect` is true.
 */
export class AwsLoadBalancer extends pulumi.ComponentResource implements AwsGateway {
  readonly arn: pulumi.Output<string>;
  readonly arnSuffix: pulumi.Output<string>;
  readonly dnsName: pulumi.Output<string>;
  readonly listenerArn: pulumi.Output<string>;
  readonly testListenerArn: pulumi.Output<string>;

  constructor(name: string, args: AwsLoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:AwsLoadBalancer", name, args, opts);
    const parent = { parent: this };
    const { prefix, accountId, protect, logs } = args;
    const { bucket } = new AwsGatewayLogs(
      `${name}-logs`,
      { prefix, accountId, protect, retentionDays: logs.retentionInDays },
      parent,
    );
    const balancer = new LoadBalancer(
      name,
      {
        name: `${prefix}-gateway`,
        loadBalancerType: "application",
        internal: false,
        subnets: args.subnetIds,
        securityGroups: [args.securityGroupId],
        dropInvalidHeaderFields: true,
        desyncMitigationMode: "defensive",
        enableDeletionProtection: protect,
        accessLogs: { bucket, prefix: "access", enabled: true },
        connectionLogs: { bucket, prefix: "connection", enabled: true },
      },
      { parent: this, protect },
    );
    new AwsWebAcl(`${name}-web-acl`, { prefix, resourceArn: balancer.arn, logs }, parent);

    const https = (role: string, port: number) =>
      new Listener(
        `${name}-${role}`,
        {
          loadBalancerArn: balancer.arn,
          port,
          protocol: "HTTPS",
          sslPolicy,
          certificateArn: args.certificateArn,
          defaultActions: [
            {
              type: "fixed-response",
              fixedResponse: {
                statusCode: "404",
                contentType: "text/plain",
                messageBody: "There is no service here.",
              },
            },
          ],
        },
        parent,
      ).arn;
    this.listenerArn = https("https", 443);
    this.testListenerArn = https("test", 8443);
    new Listener(
      `${name}-http`,
      {
        loadBalancerArn: balancer.arn,
        port: 80,
        protocol: "HTTP",
        defaultActions: [
          { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } },
        ],
      },
      parent,
    );
    this.arn = balancer.arn;
    this.arnSuffix = balancer.arnSuffix;
    this.dnsName = balancer.dnsName;
    this.registerOutputs({ arn: this.arn, dnsName: this.dnsName });
  }
}
