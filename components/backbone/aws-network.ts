import {
  DefaultSecurityGroup,
  Eip,
  InternetGateway,
  NatGateway,
  Route,
  RouteTable,
  RouteTableAssociation,
  Subnet,
  Vpc,
  VpcEndpoint,
} from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { AwsFlowLogs } from "./aws-flow-logs";
import type { LogStorage } from "./aws-platform";
import type { PlannedSubnet, Tier } from "./subnets";

export interface AwsNetworkArgs {
  readonly prefix: string;
  readonly region: string;
  readonly cidr: string;
  /** From `planSubnets`. */
  readonly subnets: readonly PlannedSubnet[];
  /** `one` for all zones is cheaper, and a way out that one zone's failure closes; `per-zone` stays open. */
  readonly natGateways: "one" | "per-zone";
  readonly logs: LogStorage;
}

/**
 * The network: public subnets with an internet gateway, private ones with a way out through NAT and a short way to S3, and data
 * subnets with no way out at all. Nothing gets a public address by itself, and the default security group lets nothing through.
 *
 * A changed `cidr` replaces the network and everything in it.
 */
export class AwsNetwork extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** One a zone; known once the subnet's routes are there, as what runs in it needs them. */
  readonly subnetIds: Readonly<Record<Tier, pulumi.Output<string>[]>>;
  /** What the internet sees as the sender of what comes out of the private subnets. */
  readonly natAddresses: pulumi.Output<string>[];
  /** The addresses of S3, for rules of security groups. */
  readonly s3PrefixListId: pulumi.Output<string>;

  constructor(name: string, args: AwsNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:AwsNetwork", name, args, opts);
    const parent = { parent: this };
    const tagged = (role: string) => ({ tags: { Name: `${args.prefix}-${role}` } });
    const vpc = new Vpc(
      `${name}-vpc`,
      { cidrBlock: args.cidr, enableDnsSupport: true, enableDnsHostnames: true, ...tagged("network") },
      parent,
    );
    const vpcId = vpc.id;
    new DefaultSecurityGroup(
      `${name}-default`,
      { vpcId, ingress: [], egress: [], ...tagged("default-closed") },
      parent,
    );
    new AwsFlowLogs(`${name}-flow-logs`, { prefix: args.prefix, vpcId, logs: args.logs }, parent);

    const table = (role: string) =>
      new RouteTable(`${name}-${role}-routes`, { vpcId, ...tagged(role) }, parent);
    const wayOut = (
      role: string,
      routeTable: RouteTable,
      target: { gatewayId: pulumi.Input<string> } | { natGatewayId: pulumi.Input<string> },
    ) =>
      new Route(
        `${name}-${role}-way-out`,
        { routeTableId: routeTable.id, destinationCidrBlock: "0.0.0.0/0", ...target },
        parent,
      );
    const subnetsOf = (tier: Tier) =>
      args.subnets
        .filter((planned) => planned.tier === tier)
        .map(({ zone, cidr }) => {
          const role = `${tier}-${zone}`;
          const place = { vpcId, availabilityZone: zone, cidrBlock: cidr, mapPublicIpOnLaunch: false };
          const subnet = new Subnet(`${name}-${role}`, { ...place, ...tagged(role) }, parent);
          return { role, zone, subnet };
        });
    /** The subnet's id, known once it has its routes. */
    const routed = (role: string, subnet: Subnet, routeTable: RouteTable, routes: Route[]) => {
      const association = new RouteTableAssociation(
        `${name}-${role}-association`,
        { subnetId: subnet.id, routeTableId: routeTable.id },
        { parent: this, dependsOn: routes },
      );
      return pulumi.all([subnet.id, association.id]).apply(([id]) => id);
    };

    const internet = new InternetGateway(`${name}-internet`, { vpcId, ...tagged("internet") }, parent);
    const publicTable = table("public");
    const publicRoute = wayOut("public", publicTable, { gatewayId: internet.id });
    const publicSubnets = subnetsOf("public");
    const nats = publicSubnets
      .slice(0, args.natGateways === "one" ? 1 : undefined)
      .map(({ zone, subnet }) => {
        const role = `nat-${zone}`;
        const address = new Eip(`${name}-${role}-address`, { domain: "vpc", ...tagged(role) }, parent);
        const nat = new NatGateway(
          `${name}-${role}`,
          { allocationId: address.allocationId, subnetId: subnet.id, ...tagged(role) },
          { parent: this, dependsOn: [publicRoute] },
        );
        return { zone, nat, address };
      });

    const privateSubnets = subnetsOf("private").map(({ role, zone, subnet }) => {
      const routeTable = table(role);
      const nat = nats.find((candidate) => candidate.zone === zone) ?? nats[0];
      const routes = nat === undefined ? [] : [wayOut(role, routeTable, { natGatewayId: nat.nat.id })];
      return { routeTable, id: routed(role, subnet, routeTable, routes) };
    });
    const dataTable = table("data");
    const s3 = new VpcEndpoint(
      `${name}-s3`,
      {
        vpcId,
        vpcEndpointType: "Gateway",
        serviceName: `com.amazonaws.${args.region}.s3`,
        routeTableIds: privateSubnets.map(({ routeTable }) => routeTable.id),
        ...tagged("s3"),
      },
      parent,
    );

    this.vpcId = vpcId;
    this.subnetIds = {
      public: publicSubnets.map(({ role, subnet }) => routed(role, subnet, publicTable, [publicRoute])),
      private: privateSubnets.map(({ id }) => id),
      data: subnetsOf("data").map(({ role, subnet }) => routed(role, subnet, dataTable, [])),
    };
    this.natAddresses = nats.map(({ address }) => address.publicIp);
    this.s3PrefixListId = s3.prefixListId;
    this.registerOutputs({ vpcId: this.vpcId });
  }
}
