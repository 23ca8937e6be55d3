import { ManagedPrefixList, SecurityGroup } from "@pulumi/aws/ec2";
import { SecurityGroupEgressRule, SecurityGroupIngressRule } from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import { cloudflareRanges } from "./cloudflare-ranges";

export interface AwsSecurityGroupsArgs {
  readonly prefix: string;
  readonly vpcId: pulumi.Input<string>;
  readonly s3PrefixListId: pulumi.Input<string>;
  /** What the network's own calls of its public addresses come from. */
  readonly natAddresses: readonly pulumi.Input<string>[];
  /** Where services listen. */
  readonly servicePort: number;
}

/** Words of letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*` alone: AWS takes no others in descriptions. */
const descriptions = {
  gateway: "The load balancer: let in by Cloudflare alone, and by the hooks on its test listener",
  service: "Tasks of services: let in by the gateway, out to both stores and to AWS within the network",
  hook: "Functions of a deployment: let in by nobody, out to AWS and to the test listener",
  postgres: "Postgres: let in by services",
  redis: "Redis: let in by services",
  endpoints: "Addresses of AWS within the network: let in by services and hooks",
};

export type SecurityGroupRole = keyof typeof descriptions;

/** The most addresses a prefix list may ever have; a rule that names it counts as so many of a group's 60. */
const prefixListEntries = 20;

/**
 * Who may talk to whom: one security group for each role, whose rules name other groups. What lets in from outside names a prefix list:
 * Cloudflare's addresses on 80 and 443, NAT's own on 8443.
 *
 *     const { ids } = new AwsSecurityGroups("backbone-security", { prefix, vpcId, s3PrefixListId, natAddresses, servicePort: 8080 });
 *
 * Services have no way to the internet. Hooks have one, on 443 and 8443 only: AWS has no endpoint within the network for every API, and
 * the gateway's addresses are public ones that change (AVD-AWS-0104 asks for a narrower range than there is).
 */
export class AwsSecurityGroups extends pulumi.ComponentResource {
  readonly ids: Readonly<Record<SecurityGroupRole, pulumi.Output<string>>>;

  constructor(name: string, args: AwsSecurityGroupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:AwsSecurityGroups", name, args, opts);
    const parent = { parent: this };
    const group = (role: SecurityGroupRole) =>
      new SecurityGroup(
        `${name}-${role}`,
        {
          name: `${args.prefix}-${role}`,
          description: descriptions[role],
          vpcId: args.vpcId,
          tags: { Name: `${args.prefix}-${role}` },
        },
        parent,
      ).id;
    const ids = {
      gateway: group("gateway"),
      service: group("service"),
      hook: group("hook"),
      postgres: group("postgres"),
      redis: group("redis"),
      endpoints: group("endpoints"),
    };
    const tcp = (port: number) => ({ ipProtocol: "tcp", fromPort: port, toPort: port });

    const talks = (from: SecurityGroupRole, to: SecurityGroupRole, port: number) => {
      new SecurityGroupEgressRule(
        `${name}-${from}-to-${to}`,
        {
          securityGroupId: ids[from],
          referencedSecurityGroupId: ids[to],
          ...tcp(port),
          description: `${from} calls ${to}`,
        },
        parent,
      );
      new SecurityGroupIngressRule(
        `${name}-${to}-from-${from}`,
        {
          securityGroupId: ids[to],
          referencedSecurityGroupId: ids[from],
          ...tcp(port),
          description: `${from} calls ${to}`,
        },
        parent,
      );
    };
    talks("gateway", "service", args.servicePort);
    talks("service", "postgres", 5432);
    talks("service", "redis", 6379);
    talks("service", "endpoints", 443);
    talks("hook", "endpoints", 443);

    const addresses = (role: string, entries: { cidr: pulumi.Input<string>; description: string }[]) =>
      new ManagedPrefixList(
        `${name}-${role}-addresses`,
        {
          name: `${args.prefix}-${role}`,
          addressFamily: "IPv4",
          maxEntries: prefixListEntries,
          entries,
        },
        parent,
      ).id;
    const cloudflare = addresses(
      "cloudflare",
      cloudflareRanges.map((cidr) => ({ cidr, description: "Proxies of Cloudflare" })),
    );
    const nat = addresses(
      "nat",
      args.natAddresses.map((address) => ({
        cidr: pulumi.interpolate`${address}/32`,
        description: "NAT of this network",
      })),
    );
    const letIn = (from: string, prefixListId: pulumi.Input<string>, port: number, description: string) =>
      new SecurityGroupIngressRule(
        `${name}-gateway-from-${from}-${port}`,
        { securityGroupId: ids.gateway, prefixListId, ...tcp(port), description },
        parent,
      );
    letIn("cloudflare", cloudflare, 443, "Cloudflare passes requests on");
    letIn("cloudflare", cloudflare, 80, "Redirected to HTTPS");
    letIn("nat", nat, 8443, "Hooks smoke test a version without traffic");

    new SecurityGroupEgressRule(
      `${name}-service-to-s3`,
      {
        securityGroupId: ids.service,
        prefixListId: args.s3PrefixListId,
        ...tcp(443),
        description: "Layers of images are in S3",
      },
      parent,
    );
    for (const [port, description] of [
      [443, "Hooks call AWS"],
      [8443, "Hooks call the test listener of the gateway at its public addresses"],
    ] as const) {
      new SecurityGroupEgressRule(
        `${name}-hook-to-internet-${port}`,
        { securityGroupId: ids.hook, cidrIpv4: "0.0.0.0/0", ...tcp(port), description },
        parent,
      );
    }
    this.ids = ids;
    this.registerOutputs({ ids });
  }
}
