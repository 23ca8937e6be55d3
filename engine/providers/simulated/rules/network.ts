/** VPC, subnets and security groups. */
import type { Fault } from "../fault";
import { isInside, overlap, parseBlock } from "./cidr";
import { isGiven, named, numberAt, pattern, textAt, type Asked, type Rule } from "./rule";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const VPC_GUIDE = "Amazon VPC user guide, VPC CIDR blocks";
const SUBNET_GUIDE = "Amazon VPC user guide, Subnet CIDR blocks";
const GROUP_API = "EC2 API, CreateSecurityGroup";
const RULE_API = "EC2 API, AuthorizeSecurityGroupIngress, IpPermission";

const blockOf = (path: string, source: string): Rule =>
  function* ({ inputs }) {
    const text = textAt(inputs, path);
    const block = text === undefined ? undefined : parseBlock(text);
    if (text !== undefined && (!block || block.bits < 16 || block.bits > 28)) {
      yield {
        path,
        allowed: "it must be an IPv4 block from /16 to /28 at its own start, such as 10.0.0.0/16",
        source,
      };
    }
  };

function* subnetInVpc(asked: Asked): Iterable<Fault> {
  const { inputs, urn, cloud } = asked;
  const own = parseBlock(textAt(inputs, "cidrBlock") ?? "");
  const [vpc] = named(asked, "vpcId", [VPC]);
  if (!own || !vpc) return;
  const whole = parseBlock(textAt(vpc.inputs, "cidrBlock") ?? "");
  if (whole && !isInside(own, whole)) {
    const allowed = `it must be inside the VPC's block ${textAt(vpc.inputs, "cidrBlock") ?? ""}`;
    yield { path: "cidrBlock", allowed, source: SUBNET_GUIDE };
  }
  for (const other of cloud.ofType(SUBNET)) {
    const block = parseBlock(textAt(other.inputs, "cidrBlock") ?? "");
    if (other.urn === urn || !block || vpcOfSubnet(asked, other.urn) !== vpc.urn || !overlap(own, block))
      continue;
    const allowed = `it must not overlap ${textAt(other.inputs, "cidrBlock") ?? ""} of ${other.urn}`;
    yield { path: "cidrBlock", allowed, source: SUBNET_GUIDE };
  }
}

/** Before ids are known, whose subnet another one is was noted when it was planned. */
function vpcOfSubnet({ cloud }: Asked, subnet: string): string | undefined {
  const thing = cloud.ofType(SUBNET).find(({ urn }) => urn === subnet);
  return thing && cloud.named(thing.inputs["vpcId"], thing.dependencies["vpcId"] ?? [], [VPC])[0]?.urn;
}

function* zoneInRegion({ inputs, place }: Asked): Iterable<Fault> {
  const zone = textAt(inputs, "availabilityZone");
  if (zone === undefined || new RegExp(`^${place.region}[a-z]$`).test(zone)) return;
  const source = "EC2: Regions and Zones";
  yield {
    path: "availabilityZone",
    allowed: `it must be a zone of ${place.region}, such as ${place.region}a`,
    source,
  };
}

/** Allowed characters of descriptions; a quote or an arrow among them fails at apply. */
const DESCRIPTION = /^[0-9A-Za-z_ .:/()#,@[\]+=&;{}!$*-]{0,255}$/;
const descriptionText = "at most 255 of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*";

const description: Rule = ({ inputs }) =>
  pattern(inputs, "description", DESCRIPTION, descriptionText, GROUP_API);

function* groupName({ inputs }: Asked): Iterable<Fault> {
  yield* pattern(inputs, "name", DESCRIPTION, descriptionText, GROUP_API);
  yield* pattern(inputs, "name", /^(?!sg-)/, "a name that does not start with sg-", GROUP_API);
}

const PEERS = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"];

function* securityGroupRule({ inputs }: Asked): Iterable<Fault> {
  const peers = PEERS.filter((key) => isGiven(inputs, key));
  if (peers.length !== 1) {
    const allowed = `exactly one of ${PEERS.join(", ")} must be given, not ${peers.join(" and ") || "none"}`;
    yield { path: peers[1] ?? "cidrIpv4", allowed, source: RULE_API };
  }
  const cidr = textAt(inputs, "cidrIpv4");
  if (cidr !== undefined && !parseBlock(cidr)) {
    yield { path: "cidrIpv4", allowed: "it must be an IPv4 block such as 10.0.0.0/16", source: RULE_API };
  }
  yield* ports(inputs, "ipProtocol", "", RULE_API);
}

function* ports(inputs: Asked["inputs"], protocolKey: string, at: string, source: string): Iterable<Fault> {
  const [fromPath, toPath] = [`${at}fromPort`, `${at}toPort`];
  const protocol = textAt(inputs, at + protocolKey);
  const [from, to] = [numberAt(inputs, fromPath), numberAt(inputs, toPath)];
  if (protocol === "-1") return;
  if (protocol === "tcp" || protocol === "udp") {
    for (const [path, port] of [
      [fromPath, from],
      [toPath, to],
    ] as const) {
      if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65535)) {
        yield { path, allowed: "it must be a port from 0 to 65535", source };
      }
    }
  }
  if (from !== undefined && to !== undefined && from > to && protocol !== "icmp") {
    yield { path: toPath, allowed: `it must not be less than ${fromPath} (${from})`, source };
  }
}

function* inlineRules({ inputs }: Asked): Iterable<Fault> {
  for (const direction of ["ingress", "egress"]) {
    const rules = inputs[direction];
    if (!Array.isArray(rules)) continue;
    for (const index of rules.keys()) yield* ports(inputs, "protocol", `${direction}[${index}].`, RULE_API);
  }
}

/** The things whose zones count: load balancers and groups of subnets that must span two. */
export const twoZones = (path: string, source: string): Rule =>
  function* (asked) {
    const subnets = named(asked, path, [SUBNET]);
    const listed = asked.inputs[path];
    if (!Array.isArray(listed)) return;
    const zones = new Set(subnets.map(({ inputs }) => textAt(inputs, "availabilityZone")));
    const resolved = subnets.length >= listed.length && !zones.has(undefined);
    if (listed.length >= 2 && (!resolved || zones.size >= 2)) return;
    yield { path, allowed: "it must name subnets in at least two availability zones", source };
  };

export const networkRules: Readonly<Record<string, readonly Rule[]>> = {
  [VPC]: [blockOf("cidrBlock", VPC_GUIDE)],
  [SUBNET]: [blockOf("cidrBlock", SUBNET_GUIDE), zoneInRegion, subnetInVpc],
  "aws:ec2/securityGroup:SecurityGroup": [groupName, description, inlineRules],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": [securityGroupRule, description],
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": [securityGroupRule, description],
};
