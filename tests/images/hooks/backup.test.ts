import assert from "node:assert/strict";
import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { handler } from "../../../images/hooks/backup";
import { type Aws, context, snapshotIs, stageEvent, useAws } from "./aws";

const revision = "slipway-staging-sample-9313423515462893900";
const instance = "slipway-staging-postgres";

describe("backup hook", () => {
  let aws: Aws;
  before(async function () {
    this.timeout(600_000);
    aws = await useAws();
    await new RDSClient({}).send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: instance,
        DBInstanceClass: "db.t4g.micro",
        Engine: "postgres",
        AllocatedStorage: 20,
        MasterUsername: "slipway",
        MasterUserPassword: "not-a-secret",
      }),
    );
  });
  beforeEach(() => {
    Object.assign(process.env, {
      INSTANCE: instance,
      SNAPSHOTS: "slipway-staging-sample",
      KEEP_DAYS: "30",
      TIMEOUT_SECONDS: "600",
    });
  });

  async function snapshots(): Promise<string[]> {
    const { DBSnapshots = [] } = await new RDSClient({}).send(
      new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: instance, SnapshotType: "manual" }),
    );
    return DBSnapshots.map(({ DBSnapshotIdentifier }) => String(DBSnapshotIdentifier));
  }

  it("makes a tagged snapshot of the database, named by the service's revision", async () => {
    assert.deepEqual(await handler(stageEvent("PRE_SCALE_UP"), context), { hookStatus: "SUCCEEDED" });
    const { DBSnapshots: [made] = [] } = await new RDSClient({}).send(
      new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: revision }),
    );
    assert.equal(made?.Status, "available");
    assert.deepEqual(made.TagList, [{ Key: "slipway:backup-of", Value: "slipway-staging-sample" }]);
  });

  it("finds its snapshot when it is called again, and makes no other", async () => {
    assert.deepEqual(await handler(stageEvent("PRE_SCALE_UP"), context), { hookStatus: "SUCCEEDED" });
    assert.deepEqual(await snapshots(), [revision]);
  });

  it("deletes its own snapshots that are older than it keeps them, and nobody else's", async () => {
    await new RDSClient({}).send(
      new CreateDBSnapshotCommand({
        DBInstanceIdentifier: instance,
        DBSnapshotIdentifier: "made-by-hand",
      }),
    );
    process.env["KEEP_DAYS"] = "0";
    const taskDefinition = "arn:aws:ecs:eu-central-1:123456789012:task-definition/slipway-staging-sample:12";
    await handler({ taskDefinition, phase: "expand" }, context);
    assert.deepEqual(await snapshots(), ["made-by-hand", "slipway-staging-sample-12"]);
  });

  describe("while RDS works", () => {
    afterEach(() => aws.forget());

    it("is called again in half a minute, and remembers when it began", async () => {
      aws.answer("DescribeDBSnapshots", snapshotIs("creating"));
      assert.deepEqual(await handler(stageEvent("PRE_SCALE_UP", { started: 4_102_444_800_000 }), context), {
        hookStatus: "IN_PROGRESS",
        callBackDelay: 30,
        hookDetails: { started: 4_102_444_800_000 },
      });
    });

    it("fails when the time is over", async () => {
      aws.answer("DescribeDBSnapshots", snapshotIs("creating"));
      const answer = await handler(stageEvent("PRE_SCALE_UP", { started: 1 }), context);
      assert.deepEqual(answer, { hookStatus: "FAILED" });
    });

    it("fails when the snapshot does, and tells Pulumi so", async () => {
      aws.answer("DescribeDBSnapshots", snapshotIs("failed"));
      assert.deepEqual(await handler(stageEvent("PRE_SCALE_UP"), context), { hookStatus: "FAILED" });
      await assert.rejects(handler({ taskDefinition: "sample:12", phase: "expand" }, context), {
        message: "snapshot slipway-staging-sample-12 failed",
      });
    });

    it("fails when AWS refuses", async () => {
      const refusal =
        "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
      aws.answer("DescribeDBSnapshots", refusal, 403);
      assert.deepEqual(await handler(stageEvent("PRE_SCALE_UP"), context), { hookStatus: "FAILED" });
      await assert.rejects(handler({ taskDefinition: "sample:12", phase: "expand" }, context), {
        message: "AccessDenied: no",
      });
    });
  });
});
