import { Topic } from "@pulumi/aws/sns/topic";
import { TopicPolicy } from "@pulumi/aws/sns/topicPolicy";
import { TopicSubscription } from "@pulumi/aws/sns/topicSubscription";
import * as pulumi from "@pulumi/pulumi";

export interface NotificationsArgs {
  readonly prefix: string;
  /** KMS key of the topic; its policy must let CloudWatch (cloudwatch.amazonaws.com) use it, or alarms are lost without a word. */
  readonly operationsKeyArn: pulumi.Input<string>;
  /** Who is told; each confirms once, by the mail that AWS sends. */
  readonly emails: readonly string[];
}

/** The topic that alarms are told to, encrypted, over TLS only, and its subscribers by mail. */
export class Notifications extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: NotificationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:observability:Notifications", name, args, opts);
    const topic = new Topic(
      `${name}-topic`,
      { name: `${args.prefix}-alarms`, kmsMasterKeyId: args.operationsKeyArn },
      { parent: this },
    );
    const policy = new TopicPolicy(
      `${name}-policy`,
      { arn: topic.arn, policy: topic.arn.apply((arn) => JSON.stringify(topicPolicy(arn))) },
      { parent: this },
    );
    for (const email of args.emails) {
      new TopicSubscription(
        `${name}-${email.replace(/[^a-z0-9]+/gi, "-")}`,
        { topic: topic.arn, protocol: "email", endpoint: email },
        { parent: this },
      );
    }
    // By way of the policy: what publishes to the topic before it may has its alarms dropped.
    this.topicArn = policy.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }
}

/** Lets the account's own alarms publish, and nobody without TLS. */
export function topicPolicy(arn: string): object {
  const account = arn.split(":")[4];
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AlarmsOfThisAccount",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: arn,
        Condition: { StringEquals: { "aws:SourceAccount": account } },
      },
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "sns:Publish",
        Resource: arn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}
