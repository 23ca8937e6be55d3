/** A backbone on AWS as services see it, with ARNs as AWS spells them. */
import * as pulumi from "@pulumi/pulumi";
import type { AwsPlatform } from "../../components/backbone/aws-platform";

const region = "eu-central-1:123456789012";

export function awsPlatform(): AwsPlatform {
  const secret = (name: string, key?: string) => ({
    arn: pulumi.output(`arn:aws:secretsmanager:${region}:secret:${name}`),
    key,
  });
  return {
    network: pulumi.output("vpc-1"),
    vpcId: pulumi.output("vpc-1"),
    gatewayUrl: pulumi.output("https://staging.example.com"),
    privateSubnetIds: [pulumi.output("subnet-1"), pulumi.output("subnet-2")],
    serviceSecurityGroupId: pulumi.output("sg-service"),
    hookSecurityGroupId: pulumi.output("sg-hook"),
    postgresInstance: pulumi.output("slipway-staging-postgres"),
    postgresInstanceArn: pulumi.output(`arn:aws:rds:${region}:db:slipway-staging-postgres`),
    redisReplicationGroup: pulumi.output("slipway-staging"),
    operationsKeyArn: pulumi.output(`arn:aws:kms:${region}:key/operations`),
    secretsKeyArn: pulumi.output(`arn:aws:kms:${region}:key/secrets`),
    postgres: {
      host: pulumi.output("postgres.internal"),
      port: 5432,
      database: "slipway",
      user: "slipway",
      password: secret("postgres-abcdef", "password"),
    },
    redis: { host: pulumi.output("redis.internal"), port: 6379, password: secret("redis-abcdef") },
    gateway: {
      arn: pulumi.output(`arn:aws:elasticloadbalancing:${region}:loadbalancer/app/slipway-staging/1`),
      arnSuffix: pulumi.output("app/slipway-staging/1"),
      dnsName: pulumi.output("slipway-staging-1.eu-central-1.elb.amazonaws.com"),
      listenerArn: pulumi.output(`arn:aws:elasticloadbalancing:${region}:listener/app/slipway-staging/1/2`),
      testListenerArn: pulumi.output(
        `arn:aws:elasticloadbalancing:${region}:listener/app/slipway-staging/1/3`,
      ),
    },
  };
}
