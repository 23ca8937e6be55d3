import assert from "node:assert/strict";
import { rolledBack } from "../../../components/deployments/ecs-verify";

const arn = (revision: number) => `arn:aws:ecs:eu-central-1:123456789012:task-definition/sample:${revision}`;
const runs = {
  service: "slipway-staging-sample",
  clusterArn: "arn:aws:ecs:eu-central-1:123456789012:cluster/c",
};

describe("rolledBack", () => {
  it("is satisfied with the task definition that was asked for", () => {
    assert.equal(rolledBack({ ...runs, requested: arn(8), running: arn(8) }), undefined);
  });

  it("names what runs, what was asked for, and the next step", () => {
    assert.equal(
      rolledBack({ ...runs, requested: arn(8), running: arn(7) }),
      `slipway-staging-sample runs ${arn(7)}, and not ${arn(8)}, which was asked for: ECS rolled the deployment back. ` +
        `Read why in \`aws ecs list-service-deployments --cluster ${runs.clusterArn} --service slipway-staging-sample\` and in the ` +
        "service's log, then release a version that mends it. To try this one again, run the update with --refresh.",
    );
  });
});
