import { aws } from "../../aws";
import { listOf, notKnown, objectOf, show, textOf, type Properties } from "../../known";
import { resourceRule } from "../../rule";

const numbers = (description: string, preset: readonly number[]) => ({
  type: "array" as const,
  items: { type: "number" as const },
  description,
  default: preset,
});

/** One direction of one rule, however the resource writes it. */
interface Opening {
  readonly incoming: boolean;
  readonly from: unknown;
  readonly to: unknown;
  readonly protocol: unknown;
  readonly addresses: readonly unknown[];
  readonly description: unknown;
}

export const disallowOpenSecurityGroups = resourceRule({
  name: "aws-disallow-open-security-groups",
  displayName: "Security groups name who may talk to whom",
  description:
    "No security group lets the whole internet in, or everything out; every rule says what it is for.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Name the other security group or a prefix list in place of 0.0.0.0/0, one port in place of a range, and describe the rule.",
  seed: "DevOps engineer, prohibitions: no security holes",
  equivalents: [
    ...["CKV_AWS_23", "CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_260", "CKV_AWS_277", "CKV_AWS_382", "CKV2_AWS_12"],
    ...["AWS-0099", "AWS-0104", "AWS-0107", "AWS-0124", "AWS-0173"],
    ...["KICS-4728cd65", "KICS-65905cec", "KICS-151187cb", "KICS-ffac8a12", "KICS-590d878b", "KICS-381c3f2a"],
    ...["KICS-46883ce1", "KICS-e35c16a2", "KICS-92fe237e", "KICS-54c417bf"],
  ],
  unknown: "later",
  waivable: true,
  types: [
    aws.securityGroup,
    aws.securityGroupRule,
    aws.ingressRule,
    aws.egressRule,
    aws.defaultSecurityGroup,
    aws.prefixList,
  ],
  options: {
    publicPorts: numbers("TCP ports on which the whole internet may come in.", []),
    egressPorts: numbers("TCP ports on which groups may go out to the whole internet.", [443]),
  },
  *check(group, { type, name, options: { publicPorts, egressPorts } }) {
    if (type === aws.prefixList) {
      if (listOf(group["entries"]).some((entry) => isAnywhere(objectOf(entry)["cidr"])))
        yield `Prefix list "${name}" holds the whole internet. Allowed: the networks of those who may come in. Name them.`;
      return;
    }
    const openings = openingsOf(type, group);
    if (type === aws.defaultSecurityGroup) {
      if (openings.length > 0)
        yield `Default security group "${name}" lets traffic through. Allowed: none, so that what names no group reaches nothing. Remove ingress and egress.`;
      return;
    }
    const subject = `${type === aws.securityGroup ? "Security group" : "Security group rule"} "${name}"`;
    if (
      type === aws.securityGroup &&
      textOf(group["description"]) === "" &&
      group["description"] !== notKnown
    )
      yield `${subject} does not say what it is for. Allowed: a description. Set description; a change makes the group anew.`;
    for (const { incoming, from, to, protocol, addresses, description } of openings) {
      const ports = `${show(from)} to ${show(to)}, protocol ${show(protocol)}`;
      if (description !== notKnown && textOf(description) === "")
        yield `${subject} does not say what its rule is for (ports ${ports}). Allowed: a description. Set description.`;
      if (!addresses.some(isAnywhere) || [from, to, protocol].includes(notKnown)) continue;
      const allowed = incoming ? publicPorts : egressPorts;
      if (textOf(protocol) === "tcp" && from === to && allowed.includes(from as number)) continue;
      const way = incoming ? "lets the whole internet in" : "lets traffic out to the whole internet";
      yield `${subject} ${way} (ports ${ports}). Allowed: ${allowed.length === 0 ? "never" : `on TCP port ${allowed.join(" or ")}, one a rule`}. Name a security group or a prefix list in place of the address.`;
    }
  },
});

function openingsOf(type: string, group: Properties): Opening[] {
  if (type === aws.ingressRule || type === aws.egressRule) {
    const { fromPort, toPort, ipProtocol, cidrIpv4, cidrIpv6, description } = group;
    const ports = { from: fromPort, to: toPort, protocol: ipProtocol, description };
    return [{ ...ports, incoming: type === aws.ingressRule, addresses: [cidrIpv4, cidrIpv6] }];
  }
  if (type === aws.securityGroupRule) return [opening(group["type"] !== "egress", group)];
  const inline = (key: string) =>
    listOf(group[key]).map((rule) => opening(key === "ingress", objectOf(rule)));
  return [...inline("ingress"), ...inline("egress")];
}

function opening(incoming: boolean, rule: Properties): Opening {
  const { fromPort, toPort, protocol, cidrBlocks, ipv6CidrBlocks, description } = rule;
  const addresses = [...listOf(cidrBlocks), ...listOf(ipv6CidrBlocks)];
  return { incoming, from: fromPort, to: toPort, protocol, addresses, description };
}

/** Any prefix that takes in half of all addresses or more counts: two halves are the whole. */
function isAnywhere(address: unknown): boolean {
  return /\/[01]$/.test(textOf(address));
}
