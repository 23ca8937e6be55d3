import assert from "node:assert/strict";
import { declareBackbone, large, small, type DeclaredBackbone } from "./aws";

describe("components/backbone/aws-network", () => {
  let staging: DeclaredBackbone;
  let production: DeclaredBackbone;

  before(async () => {
    staging = await declareBackbone(small);
    production = await declareBackbone(large);
  });

  it("puts a public, a private and a data subnet into each zone; none gives out public addresses", () => {
    assert.deepEqual(
      Object.entries(staging.all("ec2/subnet:Subnet"))
        .map(([name, inputs]) =>
          [
            name,
            inputs["availabilityZone"],
            inputs["cidrBlock"],
            inputs["mapPublicIpOnLaunch"],
            inputs["vpcId"],
          ].join(" "),
        )
        .sort(),
      [
        "network-data-eu-central-1a eu-central-1a 10.20.192.0/21 false backbone-network-vpc-id",
        "network-data-eu-central-1b eu-central-1b 10.20.200.0/21 false backbone-network-vpc-id",
        "network-private-eu-central-1a eu-central-1a 10.20.0.0/20 false backbone-network-vpc-id",
        "network-private-eu-central-1b eu-central-1b 10.20.16.0/20 false backbone-network-vpc-id",
        "network-public-eu-central-1a eu-central-1a 10.20.128.0/21 false backbone-network-vpc-id",
        "network-public-eu-central-1b eu-central-1b 10.20.136.0/21 false backbone-network-vpc-id",
      ],
    );
  });

  it("closes the default security group", () => {
    assert.deepEqual(staging.one("ec2/defaultSecurityGroup:DefaultSecurityGroup", "network-default"), {
      vpcId: "backbone-network-vpc-id",
      ingress: [],
      egress: [],
      tags: { Name: "slipway-staging-default-closed" },
    });
  });

  /** From route table to where its way out leads. */
  const waysOut = (backbone: DeclaredBackbone) =>
    Object.fromEntries(
      Object.values(backbone.all("ec2/route:Route")).map((inputs) => {
        assert.equal(inputs["destinationCidrBlock"], "0.0.0.0/0");
        return [String(inputs["routeTableId"]), inputs["gatewayId"] ?? inputs["natGatewayId"]];
      }),
    );

  it("leads all private subnets through one NAT, or each through its zone's, and data subnets nowhere", () => {
    assert.deepEqual(waysOut(staging), {
      "backbone-network-public-routes-id": "backbone-network-internet-id",
      "backbone-network-private-eu-central-1a-routes-id": "backbone-network-nat-eu-central-1a-id",
      "backbone-network-private-eu-central-1b-routes-id": "backbone-network-nat-eu-central-1a-id",
    });
    assert.deepEqual(waysOut(production), {
      "backbone-network-public-routes-id": "backbone-network-internet-id",
      "backbone-network-private-eu-central-1a-routes-id": "backbone-network-nat-eu-central-1a-id",
      "backbone-network-private-eu-central-1b-routes-id": "backbone-network-nat-eu-central-1b-id",
      "backbone-network-private-eu-central-1c-routes-id": "backbone-network-nat-eu-central-1c-id",
    });
  });

  it("gives every subnet the routes of its tier", () => {
    assert.deepEqual(
      Object.values(staging.all("ec2/routeTableAssociation:RouteTableAssociation"))
        .map((inputs) => `${String(inputs["subnetId"])} ${String(inputs["routeTableId"])}`)
        .sort(),
      [
        "backbone-network-data-eu-central-1a-id backbone-network-data-routes-id",
        "backbone-network-data-eu-central-1b-id backbone-network-data-routes-id",
        "backbone-network-private-eu-central-1a-id backbone-network-private-eu-central-1a-routes-id",
        "backbone-network-private-eu-central-1b-id backbone-network-private-eu-central-1b-routes-id",
        "backbone-network-public-eu-central-1a-id backbone-network-public-routes-id",
        "backbone-network-public-eu-central-1b-id backbone-network-public-routes-id",
      ],
    );
  });

  it("offers S3, ECR, Secrets Manager and CloudWatch Logs inside the network", () => {
    assert.deepEqual(
      Object.values(staging.all("ec2/vpcEndpoint:VpcEndpoint"))
        .map(
          (inputs) =>
            `${String(inputs["vpcEndpointType"])} ${String(inputs["serviceName"])} ` +
            ((inputs["routeTableIds"] ?? inputs["subnetIds"]) as string[]).join(),
        )
        .sort(),
      [
        "Gateway com.amazonaws.eu-central-1.s3 backbone-network-private-eu-central-1a-routes-id,backbone-network-private-eu-central-1b-routes-id",
        ...["ecr.api", "ecr.dkr", "logs", "secretsmanager"].map(
          (service) =>
            `Interface com.amazonaws.eu-central-1.${service} backbone-network-private-eu-central-1a-id,backbone-network-private-eu-central-1b-id`,
        ),
      ],
    );
    for (const [name, inputs] of Object.entries(staging.all("ec2/vpcEndpoint:VpcEndpoint"))) {
      if (inputs["vpcEndpointType"] === "Gateway") continue;
      assert.equal(inputs["privateDnsEnabled"], true, name);
      assert.deepEqual(inputs["securityGroupIds"], ["backbone-security-endpoints-id"], name);
    }
  });

  it("records every connection in a log group that its role alone may write", () => {
    assert.deepEqual(staging.one("ec2/flowLog:FlowLog", "network-flow-logs"), {
      vpcId: "backbone-network-vpc-id",
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination:
        "arn:aws:cloudwatch:eu-central-1:123456789012:logGroup/backbone-network-flow-logs-group",
      iamRoleArn: "arn:aws:iam:eu-central-1:123456789012:role/backbone-network-flow-logs-role",
      maxAggregationInterval: 60,
      tags: { Name: "slipway-staging-flow" },
    });
    const { policy } = staging.one("iam/rolePolicy:RolePolicy", "network-flow-logs-policy") as {
      policy: string;
    };
    const { Statement } = JSON.parse(policy) as { Statement: { Action: string[]; Resource: string[] }[] };
    const group = "arn:aws:cloudwatch:eu-central-1:123456789012:logGroup/backbone-network-flow-logs-group";
    assert.deepEqual(
      Statement.map(({ Resource }) => Resource),
      [[group, `${group}:*`]],
    );
  });
});
