import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { disallowPublicAccess as rule } from "../../../../policy/rules/aws/disallow-public-access";
import { infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

describe("aws-disallow-public-access", () => {
  itJudges(rule, [
    [
      aws.database,
      { publiclyAccessible: true },
      'Database "postgres" gets a public address (publiclyAccessible: true). Allowed: false. Set publiclyAccessible: false.',
    ],
    [
      aws.subnet,
      { mapPublicIpOnLaunch: true },
      'Subnet "private-a" gets a public address (mapPublicIpOnLaunch: true). Allowed: false. Remove mapPublicIpOnLaunch: traffic comes in through the gateway, and goes out through the NAT gateway.',
    ],
    [
      aws.ecsService,
      { networkConfiguration: { assignPublicIp: true, subnets: ["a", "b"] } },
      'Service "sample" gets a public address (networkConfiguration.assignPublicIp: true). Allowed: false. Remove networkConfiguration.assignPublicIp: traffic comes in through the gateway, and goes out through the NAT gateway.',
    ],
    [
      aws.instance,
      { associatePublicIpAddress: true },
      'Instance "bastion" gets a public address (associatePublicIpAddress: true). Allowed: false. Remove associatePublicIpAddress: traffic comes in through the gateway, and goes out through the NAT gateway.',
    ],
    [
      aws.loadBalancer,
      { internal: undefined },
      "Load balancer \"internal-gateway\" faces the internet (internal: (none)). Allowed: true, or one of none (publicLoadBalancers of this rule). Set internal: true, or add the gateway's name to the rule's configuration.",
    ],
    [
      aws.bucketPublicAccessBlock,
      { blockPublicAcls: undefined },
      'Public access block "logs-private" leaves a way to publish its bucket open (blockPublicAcls: (none)). Allowed: true. Set blockPublicAcls.',
    ],
    [
      aws.bucketPublicAccessBlock,
      { blockPublicPolicy: false },
      'Public access block "logs-private" leaves a way to publish its bucket open (blockPublicPolicy: false). Allowed: true. Set blockPublicPolicy.',
    ],
    [
      aws.bucketPublicAccessBlock,
      { ignorePublicAcls: false },
      'Public access block "logs-private" leaves a way to publish its bucket open (ignorePublicAcls: false). Allowed: true. Set ignorePublicAcls.',
    ],
    [
      aws.bucketPublicAccessBlock,
      { restrictPublicBuckets: false },
      'Public access block "logs-private" leaves a way to publish its bucket open (restrictPublicBuckets: false). Allowed: true. Set restrictPublicBuckets.',
    ],
    [
      aws.bucketAcl,
      { acl: "public-read" },
      'Bucket ACL "logs-acl" publishes the bucket (acl: "public-read"). Allowed: "private". Set acl.',
    ],
    [
      aws.functionUrl,
      { authorizationType: "NONE" },
      'Function URL "hook-url" lets anyone run the function (authorizationType: "NONE"). Allowed: "AWS_IAM". Set authorizationType.',
    ],
    [
      aws.functionPermission,
      { principal: "*" },
      'Permission "hook-invoke" lets anyone run the function (principal: "*"). Allowed: a service, an account or a role. Set principal.',
    ],
    [
      aws.functionPermission,
      { sourceArn: undefined },
      'Permission "hook-invoke" lets the service act for any account (sourceArn: (none)). Allowed: the ARN of what may call. Set sourceArn.',
    ],
  ]);

  it("lets the load balancers of its configuration face the internet", async () => {
    const gateway = infrastructure(aws.loadBalancer, { internal: false }, "backbone-gateway");
    assert.deepEqual(await judge(rule, gateway, { config: { publicLoadBalancers: ["*-gateway"] } }), []);
    assert.deepEqual(await judge(rule, gateway, { config: { publicLoadBalancers: ["edge"] } }), [
      "Load balancer \"backbone-gateway\" faces the internet (internal: false). Allowed: true, or one of edge (publicLoadBalancers of this rule). Set internal: true, or add the gateway's name to the rule's configuration.",
    ]);
  });

  it("refuses the default VPC, however it is set up", async () => {
    assert.deepEqual(await judge(rule, { type: aws.defaultVpc, name: "default", props: {} }), [
      'Default VPC "default" is taken into use, whose subnets are public (forceDestroy: (none)). Allowed: none. Use the backbone\'s own VPC.',
    ]);
  });
});
