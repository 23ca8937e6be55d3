import assert from "node:assert/strict";
import fc from "fast-check";
import { planSubnets, type NetworkRequest } from "../../../components/backbone/subnets";

const good: NetworkRequest = {
  region: "eu-central-1",
  zones: ["eu-central-1a", "eu-central-1b"],
  cidr: "10.20.0.0/16",
  reservedCidrs: ["10.30.0.0/16"],
};

const faultsOf = (change: Partial<NetworkRequest>): string[] => planSubnets({ ...good, ...change }).faults;

/** First address and the one after the last, as numbers. */
function extent(cidr: string): [number, number] {
  const [address = "", length = ""] = cidr.split("/");
  const first = address.split(".").reduce((value, part) => value * 256 + Number(part), 0);
  return [first, first + 2 ** (32 - Number(length))];
}

const networks = fc
  .tuple(fc.integer({ min: 16, max: 22 }), fc.integer({ min: 0, max: 2 ** 16 - 1 }))
  .map(([length, position]) => {
    const size = 2 ** (32 - length);
    const first = 10 * 2 ** 24 + ((position * 1024) % 2 ** 24);
    const start = first - (first % size);
    return `${[24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join(".")}/${length}`;
  });
const zones = fc
  .uniqueArray(fc.constantFrom(..."abcdefgh"), { minLength: 2, maxLength: 8 })
  .map((letters) => letters.map((letter) => `eu-central-1${letter}`));

describe("components/backbone/subnets", () => {
  it("gives half of the network to tasks and a quarter each to load balancers and stores", () => {
    assert.deepEqual(planSubnets(good), {
      faults: [],
      subnets: [
        { tier: "public", zone: "eu-central-1a", cidr: "10.20.128.0/21" },
        { tier: "public", zone: "eu-central-1b", cidr: "10.20.136.0/21" },
        { tier: "private", zone: "eu-central-1a", cidr: "10.20.0.0/20" },
        { tier: "private", zone: "eu-central-1b", cidr: "10.20.16.0/20" },
        { tier: "data", zone: "eu-central-1a", cidr: "10.20.192.0/21" },
        { tier: "data", zone: "eu-central-1b", cidr: "10.20.200.0/21" },
      ],
    });
  });

  it("gives the smallest network's load balancer a /27, the least that one takes", () => {
    const { subnets } = planSubnets({ ...good, cidr: "192.168.4.0/22" });
    assert.deepEqual(
      subnets.filter(({ zone }) => zone === "eu-central-1b").map(({ tier, cidr }) => `${tier} ${cidr}`),
      ["public 192.168.6.32/27", "private 192.168.4.64/26", "data 192.168.7.32/27"],
    );
  });

  it("keeps every subnet inside the network, where its prefix begins, and apart from all others", () => {
    fc.assert(
      fc.property(networks, zones, (cidr, names) => {
        const { faults, subnets } = planSubnets({ ...good, cidr, zones: names, reservedCidrs: [] });
        assert.deepEqual(faults, []);
        assert.equal(subnets.length, names.length * 3);
        const [start, end] = extent(cidr);
        const extents = subnets.map((subnet) => extent(subnet.cidr)).sort(([a], [b]) => a - b);
        for (const [index, [first, next]] of extents.entries()) {
          assert.ok(first >= start && next <= end && first % (next - first) === 0);
          assert.ok(index === 0 || first >= (extents[index - 1] ?? [0, Infinity])[1]);
        }
      }),
    );
  });

  it("moves no subnet when zones are added, removed or reordered", () => {
    fc.assert(
      fc.property(networks, zones, zones, (cidr, before, after) => {
        const plan = (names: string[]) =>
          planSubnets({ ...good, cidr, zones: names, reservedCidrs: [] }).subnets.filter(
            ({ zone }) => before.includes(zone) && after.includes(zone),
          );
        const byPlace = (names: string[]) =>
          plan(names)
            .map(({ tier, zone, cidr: place }) => `${tier} ${zone} ${place}`)
            .sort();
        assert.deepEqual(byPlace(before), byPlace(after));
      }),
    );
  });

  for (const [what, change, faults] of [
    [
      "is no network",
      { cidr: "10.20.0.0/33" },
      [
        'cidr "10.20.0.0/33" is not an IPv4 network. Write an address and a prefix length, such as 10.20.0.0/16.',
      ],
    ],
    [
      "has an address that does not exist",
      { cidr: "10.20.0.256/16" },
      [
        'cidr "10.20.0.256/16" is not an IPv4 network. Write an address and a prefix length, such as 10.20.0.0/16.',
      ],
    ],
    [
      "is too small",
      { cidr: "10.20.0.0/24" },
      [
        "cidr 10.20.0.0/24 has 256 addresses; allowed are /22 (1,024) to /16 (65,536). Choose a prefix length from 16 to 22.",
      ],
    ],
    [
      "is too large",
      { cidr: "10.16.0.0/12" },
      [
        "cidr 10.16.0.0/12 has 1,048,576 addresses; allowed are /22 (1,024) to /16 (65,536). Choose a prefix length from 16 to 22.",
        "cidr 10.16.0.0/12 overlaps 10.30.0.0/16, which is reserved for another network. Choose one beside it.",
      ],
    ],
    [
      "begins elsewhere",
      { cidr: "10.20.1.0/16" },
      ["cidr 10.20.1.0/16 does not begin where its network does. Write 10.20.0.0/16."],
    ],
    [
      "is public",
      { cidr: "172.32.0.0/16" },
      [
        "cidr 172.32.0.0/16 is not private; allowed are networks inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16. Choose one of these.",
      ],
    ],
    [
      "overlaps another network",
      { reservedCidrs: ["10.30.0.0/16", "10.20.255.0/24"] },
      [
        "cidr 10.20.0.0/16 overlaps 10.20.255.0/24, which is reserved for another network. Choose one beside it.",
      ],
    ],
    [
      "is compared with no network",
      { reservedCidrs: ["10.30"] },
      [
        'reservedCidrs "10.30" is not an IPv4 network. Write an address and a prefix length, such as 10.20.0.0/16.',
      ],
    ],
  ] as [string, Partial<NetworkRequest>, string[]][]) {
    it(`refuses a network that ${what}`, () => {
      assert.deepEqual(faultsOf(change), faults);
      assert.deepEqual(planSubnets({ ...good, ...change }).subnets, []);
    });
  }

  it("refuses zones that are too few, named twice, or of another region", () => {
    assert.deepEqual(faultsOf({ zones: [] }), [
      "zones has no zone; at least 2 are needed, so that one may fail. Add another zone of eu-central-1.",
    ]);
    assert.deepEqual(faultsOf({ zones: ["eu-central-1a", "eu-central-1a"] }), [
      "zones has only eu-central-1a; at least 2 are needed, so that one may fail. Add another zone of eu-central-1.",
      "zones names eu-central-1a 2 times. Name each zone once.",
    ]);
    assert.deepEqual(faultsOf({ zones: ["eu-central-1a", "eu-west-1a", "eu-central-1"] }), [
      'zones names "eu-west-1a", which is no zone of eu-central-1; allowed are eu-central-1a to eu-central-1h. Choose one of these.',
      'zones names "eu-central-1", which is no zone of eu-central-1; allowed are eu-central-1a to eu-central-1h. Choose one of these.',
    ]);
  });

  it("names every fault at once", () => {
    assert.deepEqual(faultsOf({ cidr: "8.8.8.8/28", zones: ["eu-central-1a"] }), [
      "cidr 8.8.8.8/28 has 16 addresses; allowed are /22 (1,024) to /16 (65,536). Choose a prefix length from 16 to 22.",
      "cidr 8.8.8.8/28 does not begin where its network does. Write 8.8.8.0/28.",
      "cidr 8.8.8.8/28 is not private; allowed are networks inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16. Choose one of these.",
      "zones has only eu-central-1a; at least 2 are needed, so that one may fail. Add another zone of eu-central-1.",
    ]);
  });
});
