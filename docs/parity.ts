/** Why staging and production differ where they do: every setting, and where it shows in their plans. A test refuses any other difference. */
export interface Difference {
  /** The setting, a path in Pulumi.<stack>.yaml or in the environments' table. */
  readonly setting: string;
  readonly why: string;
  /** Lines of the plans' difference that follow from it (tests/stacks/differences.ts); none where it only names the environment. */
  readonly shows?: RegExp;
}

const logGroups = /aws:cloudwatch\/logGroup:LogGroup retentionInDays: |gateway-logs-lifecycle \S+ rules: /;
const zoneLists =
  /VpcEndpoint (subnetIds|routeTableIds)|subnetGroup:SubnetGroup subnetIds|LoadBalancer subnets/;
const zoneUses = /(vpcConfig|networkConfiguration|sample-gates-migration \S+ environment): /;

export const differences: readonly Difference[] = [
  {
    setting: "environments.branch",
    why: "Production gets what was merged to it on purpose; staging gets every merge.",
  },
  { setting: "environments.account", why: "A mistake in staging cannot reach production." },
  {
    setting: "environments.zones",
    why: "Production survives the loss of a zone with two thirds of its capacity; staging only has to be spread at all.",
    shows: new RegExp(
      `^backbone-network-\\S+-eu-central-1c\\S* \\S+ only in production$|${zoneLists.source}|${zoneUses.source}`,
    ),
  },
  {
    setting: "environments.cidr",
    why: "Networks that may be joined some day must not overlap.",
    shows: /^backbone-network-\S+ \S+ cidrBlock: /,
  },
  { setting: "environments.domain", why: "Each has an address of its own." },
  {
    setting: "environments.cloudflareZone",
    why: "Settings are a zone's: one for both would take the last deployment's.",
  },
  {
    setting: "environments.deploy",
    why: "Somebody answers for what goes to production; ECS waits for the approval before traffic moves.",
    shows: /^sample aws:ecs\/service:Service deploymentConfiguration: .*"PAUSE"/,
  },
  {
    setting: "environments.migrate",
    why: "Production's D1 migrations are listed, read and applied by a person.",
  },
  {
    setting: "strategy.bakeSeconds",
    why: "Production has more to lose, and in staging ten minutes a step keep people waiting.",
    shows: /^sample(-release)? \S+ (deploymentConfiguration|strategy): /,
  },
  {
    setting: "replicas",
    why: "One task in each zone.",
    shows: /desiredCount: 2 → 3|minCapacity: 2 → 3/,
  },
  { setting: "cloud.maxReplicas", why: "Staging has no peaks.", shows: /maxCapacity: / },
  {
    setting: "serviceMemoryMb",
    why: "Sized for production's traffic.",
    shows: /^sample-task \S+ (cpu|memory): /,
  },
  {
    setting: "cloud.natGateways",
    why: "Cost; staging may lose its way out with a zone.",
    shows:
      /^backbone-network-nat-eu-central-1b|^backbone-network-private-eu-central-1b-way-out|^backbone-security-nat-addresses/,
  },
  {
    setting: "cloud.logRetentionDays",
    why: "Cost; production's are kept for a year, for whoever has to look back.",
    shows: logGroups,
  },
  {
    setting: "cloud.postgres.instanceClass",
    why: "Cost; staging's traffic fits a burstable class.",
    shows: /instanceClass: /,
  },
  {
    setting: "cloud.postgres.storageGb",
    why: "Cost; staging holds test data. The alarm on free storage follows.",
    shows: /allocatedStorage: |^backbone-alarms-postgres-storage /,
  },
  { setting: "cloud.postgres.maxStorageGb", why: "As storageGb.", shows: /maxAllocatedStorage: / },
  {
    setting: "cloud.postgres.multiAz",
    why: "Cost; staging may wait for a restore. The failover itself is rehearsed in a game day.",
    shows: /^backbone-postgres \S+ multiAz: /,
  },
  {
    setting: "cloud.postgres.backupDays",
    why: "Staging's data can be made again.",
    shows: /backupRetentionPeriod: /,
  },
  { setting: "cloud.redis.nodeType", why: "Cost.", shows: /nodeType: / },
  {
    setting: "cloud.redis.replicas",
    why: "Cost; staging's cache may be empty after a failure. Each node has its alarms.",
    shows: /automaticFailoverEnabled|multiAzEnabled|numCacheClusters|^backbone-alarms-redis-(1-lag|2-)/,
  },
  {
    setting: "cloud.redis.snapshotDays",
    why: "A cache in staging is worth nothing.",
    shows: /snapshotRetentionLimit/,
  },
  {
    setting: "cloud.alertEmails",
    why: "Nobody is woken by staging.",
    shows: /^notifications-\S+ aws:sns|^budget-month \S+ notifications: /,
  },
  {
    setting: "cloud.monthlyBudgetUsd",
    why: "Half as much again as the estimate (cost.md), at least.",
    shows: /limitAmount/,
  },
];

/** Where a resource carries the environment's name itself. */
export const named = /^sample-(live|release) \S+ environment: "staging" → "production"$/;
