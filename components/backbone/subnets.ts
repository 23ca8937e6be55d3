/** Which addresses a network's subnets get. Pure: no Pulumi, no AWS. */
import { isIPv4 } from "node:net";

/** `public`: load balancers and NAT; `private`: tasks and functions; `data`: stores, with no way out. */
export type Tier = "public" | "private" | "data";

export interface PlannedSubnet {
  readonly tier: Tier;
  readonly zone: string;
  readonly cidr: string;
}

export interface NetworkRequest {
  readonly region: string;
  /** At least two availability zones of the region, such as `eu-central-1a`. */
  readonly zones: readonly string[];
  /** The whole network: private (RFC 1918), from /16 to /22. */
  readonly cidr: string;
  /** Networks that this one may be joined with some day, such as those of other environments. */
  readonly reservedCidrs: readonly string[];
}

/** Addresses from `first` on, as numbers. */
interface Block {
  readonly first: number;
  readonly size: number;
}

/** What part of the network each tier takes: most to the tasks, one address each. */
const tiers: Readonly<Record<Tier, { start: number; share: number }>> = {
  private: { start: 0, share: 1 / 2 },
  public: { start: 1 / 2, share: 1 / 4 },
  data: { start: 3 / 4, share: 1 / 4 },
};

/** A place for each zone a region may have, taken by the zone's letter. No region has more than six. */
const zoneLetters = "abcdefgh";

/** A network of AWS has at most 65,536 addresses; a load balancer wants a subnet of /27 or more, which a /22 gives it. */
const prefixLengths = { least: 16, most: 22 };

const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/**
 * A subnet for each tier in each zone, or everything that is wrong with the request.
 *
 *     planSubnets({ region: "eu-central-1", zones: ["eu-central-1a", "eu-central-1b"], cidr: "10.20.0.0/16", reservedCidrs: [] });
 *
 * Where a subnet lies depends on the network and its own zone alone: adding, removing or reordering zones moves no other.
 */
export function planSubnets(request: NetworkRequest): { faults: string[]; subnets: PlannedSubnet[] } {
  const faults = [...cidrFaults(request), ...zoneFaults(request)];
  const network = parse(request.cidr);
  if (faults.length > 0 || network === undefined) return { faults, subnets: [] };
  const subnets = (["public", "private", "data"] as const).flatMap((tier) =>
    request.zones.map((zone) => {
      const { start, share } = tiers[tier];
      const size = (network.size * share) / zoneLetters.length;
      const slot = zoneLetters.indexOf(zone.slice(-1));
      return { tier, zone, cidr: write({ first: network.first + network.size * start + slot * size, size }) };
    }),
  );
  return { faults, subnets };
}

function cidrFaults({ cidr, reservedCidrs }: NetworkRequest): string[] {
  const network = parse(cidr);
  if (network === undefined) return [notANetwork("cidr", cidr)];
  const faults: string[] = [];
  const { least, most } = prefixLengths;
  if (network.size > 2 ** (32 - least) || network.size < 2 ** (32 - most)) {
    const [large, small] = [least, most].map((length) => `/${length} (${count(2 ** (32 - length))})`);
    faults.push(
      `cidr ${cidr} has ${count(network.size)} addresses; allowed are ${small} to ${large}. ` +
        `Choose a prefix length from ${least} to ${most}.`,
    );
  }
  if (network.first % network.size !== 0) {
    const first = network.first - (network.first % network.size);
    faults.push(`cidr ${cidr} does not begin where its network does. Write ${write({ ...network, first })}.`);
  }
  if (!privateNetworks.some((range) => within(network, parse(range)))) {
    faults.push(
      `cidr ${cidr} is not private; allowed are networks inside ${list(privateNetworks)}. Choose one of these.`,
    );
  }
  for (const reserved of reservedCidrs) {
    const other = parse(reserved);
    if (other === undefined) faults.push(notANetwork("reservedCidrs", reserved));
    else if (network.first < other.first + other.size && other.first < network.first + network.size) {
      faults.push(
        `cidr ${cidr} overlaps ${reserved}, which is reserved for another network. Choose one beside it.`,
      );
    }
  }
  return faults;
}

function zoneFaults({ region, zones }: NetworkRequest): string[] {
  const faults: string[] = [];
  const distinct = [...new Set(zones)];
  if (distinct.length < 2) {
    const got = distinct.length === 0 ? "no zone" : `only ${distinct.join()}`;
    faults.push(
      `zones has ${got}; at least 2 are needed, so that one may fail. Add another zone of ${region}.`,
    );
  }
  for (const zone of distinct) {
    const times = zones.filter((other) => other === zone).length;
    if (times > 1) faults.push(`zones names ${zone} ${times} times. Name each zone once.`);
    const letter = zone.slice(-1);
    if (zone !== `${region}${letter}` || !zoneLetters.includes(letter)) {
      faults.push(
        `zones names "${zone}", which is no zone of ${region}; ` +
          `allowed are ${region}a to ${region}h. Choose one of these.`,
      );
    }
  }
  return faults;
}

function parse(cidr: string): Block | undefined {
  const [, address = "", length] = /^([\d.]+)\/(\d|[12]\d|3[0-2])$/.exec(cidr) ?? [];
  if (!isIPv4(address)) return undefined;
  const first = address.split(".").reduce((value, part) => value * 256 + Number(part), 0);
  return { first, size: 2 ** (32 - Number(length)) };
}

function write({ first, size }: Block): string {
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${parts.join(".")}/${32 - Math.log2(size)}`;
}

const within = (inner: Block, outer: Block | undefined): boolean =>
  outer !== undefined && inner.first >= outer.first && inner.first + inner.size <= outer.first + outer.size;

const notANetwork = (name: string, got: string): string =>
  `${name} "${got}" is not an IPv4 network. Write an address and a prefix length, such as 10.20.0.0/16.`;

const count = (value: number): string => value.toLocaleString("en-US");

const list = (values: readonly string[]): string =>
  `${values.slice(0, -1).join(", ")} or ${values.at(-1) ?? ""}`;
