import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { requireCompanions as rule } from "../../../../policy/rules/aws/require-companions";
import { infrastructure } from "../../infrastructure";
import { judgeStack, type StackResource } from "../../support";

/** A resource, and one of each type that goes with it. */
function accompanied(
  type: string,
  companions: Readonly<Record<string, string>>,
  changes = {},
): StackResource[] {
  const resource = infrastructure(type, changes);
  return [
    resource,
    ...Object.entries(companions).map(([companion, by]) => ({
      ...infrastructure(companion, {}, `${resource.name}-companion`),
      uses: { [by]: resource },
    })),
  ];
}

const pairs: readonly [type: string, companions: Record<string, string>, messages: string[]][] = [
  [
    aws.vpc,
    { [aws.flowLog]: "vpcId", [aws.defaultSecurityGroup]: "vpcId" },
    [
      `Network "${aws.vpc}" keeps no record of its connections: there is no FlowLog of it in the stack. Allowed: one whose vpcId is its output. Add a FlowLog of it.`,
      `Network "${aws.vpc}" leaves its default security group open: there is no DefaultSecurityGroup of it in the stack. Allowed: one whose vpcId is its output. Add a DefaultSecurityGroup of it, without rules.`,
    ],
  ],
  [
    aws.bucket,
    {
      [aws.bucketPublicAccessBlock]: "bucket",
      [aws.bucketPolicy]: "bucket",
      [aws.bucketVersioning]: "bucket",
      [aws.bucketLifecycle]: "bucket",
    },
    [
      'Bucket "logs" can be published: there is no BucketPublicAccessBlock of it in the stack. Allowed: one whose bucket is its output. Add a BucketPublicAccessBlock of it.',
      'Bucket "logs" takes requests in the clear: there is no BucketPolicy of it in the stack. Allowed: one whose bucket is its output. Add a BucketPolicy of it that denies them.',
      'Bucket "logs" keeps no older versions: there is no BucketVersioning of it in the stack. Allowed: one whose bucket is its output. Add a BucketVersioning of it, or name it in ephemeral of this rule.',
      'Bucket "logs" only ever grows: there is no BucketLifecycleConfiguration of it in the stack. Allowed: one whose bucket is its output. Add a BucketLifecycleConfiguration of it.',
    ],
  ],
  [
    aws.webAcl,
    { [aws.webAclLogging]: "resourceArn" },
    [
      `Firewall "${aws.webAcl}" does not log what it blocks: there is no WebAclLoggingConfiguration of it in the stack. Allowed: one whose resourceArn is its output. Add a WebAclLoggingConfiguration of it.`,
    ],
  ],
  [
    aws.topic,
    { [aws.topicSubscription]: "topic" },
    [
      'Topic "alarms" tells nobody: there is no TopicSubscription of it in the stack. Allowed: one whose topic is its output. Add a TopicSubscription of it.',
    ],
  ],
];

describe("aws-require-companions", () => {
  for (const [type, companions, messages] of pairs) {
    it(`wants what goes with ${type.split(":").at(-1)}`, async () => {
      assert.deepEqual(await judgeStack(rule, accompanied(type, companions)), []);
      const alone = await judgeStack(rule, [infrastructure(type)]);
      assert.deepEqual(
        alone.map(([, message]) => message),
        messages,
      );
    });
  }

  it("wants a firewall before a load balancer that faces the internet, and before no other", async () => {
    const firewall = { [aws.webAclAssociation]: "resourceArn" };
    assert.deepEqual(
      await judgeStack(rule, accompanied(aws.loadBalancer, firewall, { internal: false })),
      [],
    );
    assert.deepEqual(await judgeStack(rule, [infrastructure(aws.loadBalancer)]), []);
    assert.deepEqual(await judgeStack(rule, [infrastructure(aws.loadBalancer, { internal: false })]), [
      [
        "internal-gateway",
        'Load balancer "internal-gateway" faces the internet without a web application firewall: there is no WebAclAssociation of it in the stack. Allowed: one whose resourceArn is its output. Add a WebAcl, and its WebAclAssociation with it.',
      ],
    ]);
  });

  it("takes no companion of another resource", async () => {
    const [bucket = infrastructure(aws.bucket)] = accompanied(aws.bucket, {});
    const other = accompanied(aws.topic, { [aws.topicSubscription]: "topic" });
    const lonely = { ...infrastructure(aws.topic, {}, "lonely") };
    const messages = await judgeStack(rule, [...other, lonely, bucket], { ephemeral: ["logs"] });
    assert.deepEqual(
      messages.map(([name]) => name),
      ["lonely", "logs", "logs", "logs"],
    );
  });
});
