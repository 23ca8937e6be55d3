import { aws } from "../../../../policy/aws";
import { requireHealthChecks as rule } from "../../../../policy/rules/aws/require-health-checks";
import { itJudges } from "../../infrastructure";

describe("aws-require-health-checks", () => {
  itJudges(rule, [
    [
      aws.targetGroup,
      { healthCheck: { enabled: false, path: "/readyz" } },
      'Target group "blue" sends traffic to tasks that do not work (healthCheck.enabled: false). Allowed: true. Set healthCheck.enabled.',
    ],
    [
      aws.targetGroup,
      { healthCheck: undefined },
      'Target group "blue" asks for /, which says nothing about the service (healthCheck.path: (none)). Allowed: a path such as /readyz. Set healthCheck.path.',
    ],
    [
      aws.ecsService,
      { healthCheckGracePeriodSeconds: undefined },
      'Service "sample" gives new tasks no time to start before the gateway\'s checks count (healthCheckGracePeriodSeconds: (none)). Allowed: 1 or more. Set healthCheckGracePeriodSeconds.',
    ],
  ]);
});
