import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { requireRedundancy as rule } from "../../../../policy/rules/aws/require-redundancy";
import { infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

describe("aws-require-redundancy", () => {
  itJudges(rule, [
    [
      aws.database,
      { multiAz: false },
      'Database "postgres" is gone with its zone (multiAz: false). Allowed: true. Set multiAz.',
    ],
    [
      aws.redis,
      { automaticFailoverEnabled: false },
      'Redis "redis" is gone with its zone (automaticFailoverEnabled: false). Allowed: true. Set automaticFailoverEnabled.',
    ],
    [
      aws.redis,
      { multiAzEnabled: undefined },
      'Redis "redis" is gone with its zone (multiAzEnabled: (none)). Allowed: true. Set multiAzEnabled.',
    ],
    [
      aws.redis,
      { numCacheClusters: 1 },
      'Redis "redis" has no replica to fail over to (numCacheClusters: 1). Allowed: 2 to 6, or replicasPerNodeGroup. Set numCacheClusters.',
    ],
    [
      aws.ecsService,
      { desiredCount: 1 },
      'Service "sample" runs too few tasks (desiredCount: 1). Allowed: 2 or more. Set desiredCount.',
    ],
    [
      aws.scalableTarget,
      { minCapacity: 1 },
      'Scaling "scaling" may scale in to too few tasks (minCapacity: 1). Allowed: 2 or more. Set minCapacity.',
    ],
    [
      aws.loadBalancer,
      { subnets: ["a"] },
      'Load balancer "internal-gateway" is in a single availability zone (subnets: ["a"]). Allowed: subnets of two zones or more. Set subnets.',
    ],
    [
      aws.ecsService,
      { networkConfiguration: { subnets: ["a"] } },
      'Service "sample" is in a single availability zone (networkConfiguration.subnets: ["a"]). Allowed: subnets of two zones or more. Set networkConfiguration.subnets.',
    ],
    [
      aws.databaseSubnetGroup,
      { subnetIds: ["a"] },
      'Database subnet group "postgres-subnets" is in a single availability zone (subnetIds: ["a"]). Allowed: subnets of two zones or more. Set subnetIds.',
    ],
    [
      aws.cacheSubnetGroup,
      { subnetIds: [] },
      'Cache subnet group "cache-subnets" is in a single availability zone (subnetIds: []). Allowed: subnets of two zones or more. Set subnetIds.',
    ],
  ]);

  it("takes the number of tasks from its configuration", async () => {
    assert.deepEqual(await judge(rule, infrastructure(aws.ecsService), { config: { minReplicas: 3 } }), [
      'Service "sample" runs too few tasks (desiredCount: 2). Allowed: 3 or more. Set desiredCount.',
    ]);
  });
});
