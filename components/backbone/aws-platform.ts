import type * as pulumi from "@pulumi/pulumi";
import type { Backbone, SecretReference } from "./backbone";

/** How log groups keep what they are given; the members are those of a LogGroup. */
export interface LogStorage {
  readonly kmsKeyId: pulumi.Input<string>;
  readonly retentionInDays: number;
}

/** The load balancer in front of every service, and its listeners. */
export interface AwsGateway {
  readonly arn: pulumi.Output<string>;
  /** What CloudWatch knows it by: `app/<name>/<id>`. */
  readonly arnSuffix: pulumi.Output<string>;
  readonly dnsName: pulumi.Output<string>;
  /** HTTPS on 443: production traffic. */
  readonly listenerArn: pulumi.Output<string>;
  /**
   * HTTPS on 8443, for smoke tests of a version without traffic. The load balancer's name leads to its public addresses from inside the
   * network too, so callers come through NAT, and NAT's own addresses are the only ones let in.
   */
  readonly testListenerArn: pulumi.Output<string>;
}

/** What services on AWS need of their backbone, beside what every backbone offers. */
export interface AwsPlatform extends Backbone<SecretReference> {
  readonly vpcId: pulumi.Output<string>;
  /** One a zone, with a way out through NAT: where tasks and functions run. */
  readonly privateSubnetIds: pulumi.Output<string>[];
  /** Worn by the services' tasks: the gateway may reach it, and it may reach both stores. */
  readonly serviceSecurityGroupId: pulumi.Output<string>;
  /** Worn by functions inside the network that talk to the gateway's test listener. */
  readonly hookSecurityGroupId: pulumi.Output<string>;
  readonly gateway: AwsGateway;
  /** Identifier of the RDS instance. */
  readonly postgresInstance: pulumi.Output<string>;
  /** Its ARN, for the policies of what backs it up. */
  readonly postgresInstanceArn: pulumi.Output<string>;
  readonly redisReplicationGroup: pulumi.Output<string>;
  /** The KMS key of logs, topics and functions. */
  readonly operationsKeyArn: pulumi.Output<string>;
  /** The KMS key of secrets. */
  readonly secretsKeyArn: pulumi.Output<string>;
}
