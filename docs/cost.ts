/** docs/deployment/cost.md: what a stack on AWS costs a month, from its configuration and a table of list prices. Pure. */
import type { CloudEnvironment } from "../stacks/environments";
import type { CloudConfig, Place } from "../stacks/schema";

export type CostInput = Pick<CloudConfig, "cloud" | "replicas" | "serviceMemoryMb"> & {
  readonly zones: Place["zones"];
};

const hours = 730;

/** List prices in US dollars, on demand, us-east-1, read from AWS's price pages and their summaries in November 2026. */
export const prices = {
  natHour: 0.045,
  natGb: 0.045,
  loadBalancerHour: 0.0225,
  loadBalancerUnitHour: 0.008,
  endpointZoneHour: 0.01,
  publicAddressHour: 0.005,
  vcpuHour: 0.04048,
  memoryGbHour: 0.004445,
  databaseHour: {
    "db.t4g.small": 0.032,
    "db.t4g.medium": 0.065,
    "db.m7g.large": 0.168,
    "db.m7g.xlarge": 0.337,
  },
  databaseGbMonth: 0.115,
  cacheHour: { "cache.t4g.small": 0.0256, "cache.t4g.medium": 0.052, "cache.m7g.large": 0.1264 },
  keyMonth: 1,
  secretMonth: 0.4,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  logGb: 0.5,
  firewallMonth: 5,
  firewallRuleMonth: 1,
  canaryRun: 0.0012,
} as const;

/** What is assumed of a stack's use; everything else is in its configuration. */
export const assumptions = {
  staging: { natGb: 20, loadBalancerUnits: 1, logGb: 5 },
  production: { natGb: 200, loadBalancerUnits: 3, logGb: 100 },
} as const satisfies Record<CloudEnvironment, object>;

/** Counted in the plans (tests/stacks/golden). */
const counts = { endpoints: 5, keys: 4, secrets: 2, alarms: 30, firewallRules: 4 };

export interface CostLine {
  readonly what: string;
  /** US dollars a month; undefined where this table has no price. */
  readonly usd: number | undefined;
}

export function costLines(environment: CloudEnvironment, input: CostInput): CostLine[] {
  const { cloud, replicas, serviceMemoryMb, zones } = input;
  const { postgres, redis } = cloud;
  const { natGb, loadBalancerUnits, logGb } = assumptions[environment];
  const nats = cloud.natGateways === "one" ? 1 : zones.length;
  const memoryGb = serviceMemoryMb / 1024;
  // A task has half as many CPU units as MiB, and 1,024 units are a vCPU.
  const taskHour = (memoryGb / 2) * prices.vcpuHour + memoryGb * prices.memoryGbHour;
  const databases = postgres.multiAz ? 2 : 1;
  const databaseHour = priceOf(prices.databaseHour, postgres.instanceClass);
  const cacheHour = priceOf(prices.cacheHour, redis.nodeType);
  return [
    {
      what: `${nats} NAT gateway(s), ${natGb} GB`,
      usd: nats * prices.natHour * hours + natGb * prices.natGb,
    },
    {
      what: `load balancer, ${loadBalancerUnits} capacity unit(s)`,
      usd: (prices.loadBalancerHour + loadBalancerUnits * prices.loadBalancerUnitHour) * hours,
    },
    {
      what: `${counts.endpoints} interface endpoints in ${zones.length} zones`,
      usd: counts.endpoints * zones.length * prices.endpointZoneHour * hours,
    },
    {
      what: "public IPv4 addresses of NAT and load balancer",
      usd: (nats + zones.length) * prices.publicAddressHour * hours,
    },
    { what: `${replicas} tasks of ${memoryGb / 2} vCPU, ${memoryGb} GB`, usd: replicas * taskHour * hours },
    {
      what: `Postgres ${postgres.instanceClass}${postgres.multiAz ? ", Multi-AZ" : ""}`,
      usd: databaseHour && databases * databaseHour * hours,
    },
    {
      what: `${postgres.storageGb} GB of its storage`,
      usd: databases * postgres.storageGb * prices.databaseGbMonth,
    },
    {
      what: `Valkey ${redis.nodeType} × ${redis.replicas + 1}`,
      usd: cacheHour && (redis.replicas + 1) * cacheHour * hours,
    },
    { what: `${logGb} GB of logs`, usd: logGb * prices.logGb },
    {
      what: "firewall, KMS keys, secrets, alarms, dashboard",
      usd:
        prices.firewallMonth +
        counts.firewallRules * prices.firewallRuleMonth +
        counts.keys * prices.keyMonth +
        counts.secrets * prices.secretMonth +
        counts.alarms * prices.alarmMonth +
        prices.dashboardMonth,
    },
    { what: "canary every five minutes", usd: hours * 12 * prices.canaryRun },
  ];
}

function priceOf(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return table[name];
}

export function costPage(inputs: Readonly<Record<CloudEnvironment, CostInput>>): string {
  const sections = (["staging", "production"] as const).map((environment) => {
    const lines = costLines(environment, inputs[environment]);
    const total = lines.reduce((sum, { usd }) => sum + (usd ?? 0), 0);
    const missing = lines.filter(({ usd }) => usd === undefined).map(({ what }) => what);
    return [
      `## ${environment}: about ${Math.round(total)} USD a month`,
      [
        "| what | USD a month |",
        "| --- | ---: |",
        ...lines.map(({ what, usd }) => `| ${what} | ${usd === undefined ? "not known" : usd.toFixed(0)} |`),
        `| **total** | **${total.toFixed(0)}** |`,
      ].join("\n"),
      `The budget alarm stands at ${inputs[environment].cloud.monthlyBudgetUsd} USD.`,
      ...(missing.length > 0 ? [`Not in the total, for lack of a price: ${missing.join(", ")}.`] : []),
    ].join("\n\n");
  });
  return [
    "# What a stack on AWS costs",
    "Made by `npm run docs` from `Pulumi.<stack>.yaml` and the price table in `docs/cost.ts`; a test fails when it is stale.",
    "List prices on demand in us-east-1, November 2026, in US dollars, without tax: eu-central-1 costs roughly 10 to 20 percent more for most lines. " +
      "Reserved instances and savings plans take 30 to 60 percent off database, cache and tasks.",
    "Assumed: a month of 730 hours; the configured number of tasks, not the most that autoscaling may start; traffic and logs as the lines say. " +
      "Not in it, since it depends on use: data out to the internet, traffic between zones, snapshots beyond the free size of the database, requests through " +
      "the firewall, metrics of Container Insights, and Cloudflare (zone plan, Workers, D1).",
    ...sections,
  ].join("\n\n");
}
