import { aws } from "../../aws";
import { hasAtLeast, isAtLeast, isTrue, requirementRule, type Requirement } from "../../requirements";
import { amount } from "../../rule";

const options = {
  minReplicas: amount("How many tasks of a service run, at least.", 1, 2),
};
type Row = Requirement<typeof options>;

const inZones = (type: string, noun: string, property: string): Row => ({
  ...{ type, noun, property, isMet: (subnets) => hasAtLeast(subnets, 2) },
  fault: "is in a single availability zone",
  allowed: "subnets of two zones or more",
});
const replicated = (property: string, equivalents: string[]): Row => ({
  ...{ type: aws.redis, noun: "Redis", property, equivalents, isMet: isTrue, allowed: "true" },
  fault: "is gone with its zone",
});

/** For production; staging may do with one of each: its configuration says so. */
export const requireRedundancy = requirementRule({
  name: "aws-require-redundancy",
  displayName: "A zone may fail",
  description: "Databases, caches, tasks and the gateway stand in two availability zones or more.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps: "Switch Multi-AZ or failover on, name subnets of two zones, and run two tasks or more.",
  seed: "Production promotion: releases with no downtime",
  waivable: true,
  options,
  requirements: [
    {
      type: aws.database,
      noun: "Database",
      property: "multiAz",
      isMet: isTrue,
      fault: "is gone with its zone",
      allowed: "true",
      equivalents: ["CKV_AWS_157"],
    },
    replicated("automaticFailoverEnabled", ["CKV2_AWS_50"]),
    replicated("multiAzEnabled", ["KICS-9b18fc19", "KICS-6db03a91"]),
    {
      type: aws.redis,
      noun: "Redis",
      property: "numCacheClusters",
      isMet: (count, _, { replicasPerNodeGroup }) =>
        isAtLeast(count, 2) || isAtLeast(replicasPerNodeGroup, 1),
      fault: "has no replica to fail over to",
      allowed: "2 to 6, or replicasPerNodeGroup",
    },
    {
      type: aws.ecsService,
      noun: "Service",
      property: "desiredCount",
      isMet: (count, context) => isAtLeast(count, context.options.minReplicas),
      fault: "runs too few tasks",
      allowed: ({ minReplicas }) => `${minReplicas} or more`,
    },
    {
      type: aws.scalableTarget,
      noun: "Scaling",
      property: "minCapacity",
      isMet: (count, context, { serviceNamespace }) =>
        serviceNamespace !== "ecs" || isAtLeast(count, context.options.minReplicas),
      fault: "may scale in to too few tasks",
      allowed: ({ minReplicas }) => `${minReplicas} or more`,
    },
    inZones(aws.loadBalancer, "Load balancer", "subnets"),
    inZones(aws.ecsService, "Service", "networkConfiguration.subnets"),
    inZones(aws.databaseSubnetGroup, "Database subnet group", "subnetIds"),
    inZones(aws.cacheSubnetGroup, "Cache subnet group", "subnetIds"),
  ],
});
