import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { disallowOpenSecurityGroups as rule } from "../../../../policy/rules/aws/disallow-open-security-groups";
import { infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

describe("aws-disallow-open-security-groups", () => {
  itJudges(rule, [
    [
      aws.ingressRule,
      { cidrIpv4: "0.0.0.0/0" },
      'Security group rule "gateway-from-cloudflare" lets the whole internet in (ports 443 to 443, protocol "tcp"). Allowed: never. Name a security group or a prefix list in place of the address.',
    ],
    [
      aws.ingressRule,
      { cidrIpv6: "::/0" },
      'Security group rule "gateway-from-cloudflare" lets the whole internet in (ports 443 to 443, protocol "tcp"). Allowed: never. Name a security group or a prefix list in place of the address.',
    ],
    [
      aws.ingressRule,
      { description: undefined },
      'Security group rule "gateway-from-cloudflare" does not say what its rule is for (ports 443 to 443, protocol "tcp"). Allowed: a description. Set description.',
    ],
    [
      aws.egressRule,
      { ipProtocol: "-1", fromPort: undefined, toPort: undefined },
      'Security group rule "hook-to-aws" lets traffic out to the whole internet (ports (none) to (none), protocol "-1"). Allowed: on TCP port 443, one a rule. Name a security group or a prefix list in place of the address.',
    ],
    [
      aws.egressRule,
      { toPort: 8443 },
      'Security group rule "hook-to-aws" lets traffic out to the whole internet (ports 443 to 8443, protocol "tcp"). Allowed: on TCP port 443, one a rule. Name a security group or a prefix list in place of the address.',
    ],
    [
      aws.securityGroupRule,
      { cidrBlocks: ["10.0.0.0/8", "0.0.0.0/0"] },
      'Security group rule "old-rule" lets the whole internet in (ports 5432 to 5432, protocol "tcp"). Allowed: never. Name a security group or a prefix list in place of the address.',
    ],
    [
      aws.securityGroup,
      { description: undefined },
      'Security group "service" does not say what it is for. Allowed: a description. Set description; a change makes the group anew.',
    ],
    [
      aws.securityGroup,
      {
        ingress: [
          { protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"], description: "SSH" },
        ],
      },
      'Security group "service" lets the whole internet in (ports 22 to 22, protocol "tcp"). Allowed: never. Name a security group or a prefix list in place of the address.',
    ],
    [
      aws.defaultSecurityGroup,
      { ingress: [{ protocol: "-1", self: true }] },
      'Default security group "default" lets traffic through. Allowed: none, so that what names no group reaches nothing. Remove ingress and egress.',
    ],
    [
      aws.prefixList,
      { entries: [{ cidr: "0.0.0.0/1" }, { cidr: "128.0.0.0/1" }] },
      'Prefix list "cloudflare" holds the whole internet. Allowed: the networks of those who may come in. Name them.',
    ],
  ]);

  it("takes the open ports from its configuration, in either direction", async () => {
    const config = { publicPorts: [443], egressPorts: [8443] };
    const gateway = infrastructure(aws.ingressRule, { cidrIpv4: "0.0.0.0/0" });
    assert.deepEqual(await judge(rule, gateway, { config }), []);
    const hook = infrastructure(aws.egressRule, { fromPort: 8443, toPort: 8443 });
    assert.deepEqual(await judge(rule, hook, { config }), []);
    assert.equal((await judge(rule, infrastructure(aws.egressRule), { config })).length, 1);
  });
});
