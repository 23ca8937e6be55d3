import assert from "node:assert/strict";
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import { CreateDBInstanceCommand, CreateDBSnapshotCommand, RDSClient } from "@aws-sdk/client-rds";
import { handler } from "../../../images/hooks/migration";
import { type Aws, context, firstOf, revisionArn, snapshotIs, stageEvent, useAws } from "./aws";

const cluster = "slipway-staging";

describe("migration hook", () => {
  let aws: Aws;
  let ecs: ECSClient;
  let taskDefinition: string;

  before(async function () {
    this.timeout(600_000);
    aws = await useAws();
    ecs = new ECSClient({});
    await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
    const { taskDefinition: registered } = await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: "slipway-staging-sample",
        networkMode: "awsvpc",
        requiresCompatibilities: ["FARGATE"],
        ...{ cpu: "256", memory: "512" },
        containerDefinitions: [{ name: "sample", image: "sample", ...{ cpu: 256, memory: 512 } }],
      }),
    );
    taskDefinition = registered?.taskDefinitionArn ?? "";
    const rds = new RDSClient({});
    await rds.send(
      new CreateDBInstanceCommand({
        ...{ DBInstanceIdentifier: "migrated", DBInstanceClass: "db.t4g.micro", Engine: "postgres" },
        ...{ AllocatedStorage: 20, MasterUsername: "slipway", MasterUserPassword: "not-a-secret" },
      }),
    );
    for (const label of ["9313423515462893900", "1"]) {
      await rds.send(
        new CreateDBSnapshotCommand({
          DBInstanceIdentifier: "migrated",
          DBSnapshotIdentifier: `migrated-sample-${label}`,
        }),
      );
    }
  });

  beforeEach(async () => {
    Object.assign(process.env, {
      CLUSTER: cluster,
      COMMAND: '["npm","run","migration:run","--"]',
      CONTAINER: "sample",
      SNAPSHOTS: "migrated-sample",
      TIMEOUT_SECONDS: "600",
      SUBNETS: await firstOf("Subnets"),
      SECURITY_GROUP: await firstOf("SecurityGroups"),
    });
    // Moto does not know service revisions.
    aws.answer("DescribeServiceRevisions", JSON.stringify({ serviceRevisions: [{ taskDefinition }] }));
  });
  afterEach(() => aws.forget());

  const started = 4_102_444_800_000;
  const task = (fields: Record<string, unknown>) =>
    aws.answer("DescribeTasks", JSON.stringify({ tasks: [{ taskArn: "task", ...fields }] }));

  it("runs the expand phase as a task of the new revision's definition, and asks for it by name from then on", async () => {
    const answer = await handler(stageEvent("PRE_SCALE_UP", { started }), context);
    const { taskArns: [running = ""] = [] } = await ecs.send(new ListTasksCommand({ cluster }));
    assert.deepEqual(answer, {
      hookStatus: "IN_PROGRESS",
      callBackDelay: 10,
      hookDetails: { task: running, started },
    });
    assert.deepEqual(
      aws.requests("DescribeServiceRevisions").map((body) => JSON.parse(body) as unknown),
      [{ serviceRevisionArns: [revisionArn] }],
    );
    const { tasks: [made] = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [running] }));
    assert.equal(made?.taskDefinitionArn, taskDefinition);
    assert.equal(made.launchType, "FARGATE");
    assert.equal(made.startedBy, "slipway-expand");
    assert.deepEqual(made.overrides?.containerOverrides, [
      { name: "sample", command: ["npm", "run", "migration:run", "--", "expand"] },
    ]);
    // The next call starts no other.
    assert.deepEqual(await handler(stageEvent("PRE_SCALE_UP", { task: running, started }), context), answer);
    assert.equal(aws.requests("RunTask").length, 1);
  });

  it("gives ECS the same token for the same deployment, so that a lost answer starts nothing twice", async () => {
    await handler(stageEvent("PRE_SCALE_UP"), context);
    await handler(stageEvent("PRE_SCALE_UP"), context);
    const tokens = aws
      .requests("RunTask")
      .map((body) => (JSON.parse(body) as { clientToken: string }).clientToken);
    assert.equal(tokens.length, 2);
    assert.match(tokens[0] ?? "", /^[0-9a-f]{36}$/);
    assert.equal(tokens[0], tokens[1]);
  });

  it("waits until the database is backed up, and migrates nothing without that", async () => {
    aws.answer("DescribeDBSnapshots", snapshotIs("creating"));
    assert.deepEqual(await handler(stageEvent("PRE_SCALE_UP", { started }), context), {
      hookStatus: "IN_PROGRESS",
      callBackDelay: 15,
      hookDetails: { started },
    });
    assert.deepEqual(await handler(stageEvent("PRE_SCALE_UP", { started: 1 }), context), {
      hookStatus: "FAILED",
    });
    process.env["SNAPSHOTS"] = "nobody-made";
    aws.forget();
    assert.deepEqual(await handler(stageEvent("PRE_SCALE_UP", { started: 1 }), context), {
      hookStatus: "FAILED",
    });
    assert.deepEqual(aws.requests("RunTask"), []);
  });

  it("succeeds with the task's exit code 0, and fails with any other", async () => {
    task({ lastStatus: "STOPPED", containers: [{ name: "sample", exitCode: 0 }] });
    const event = stageEvent("PRE_SCALE_UP", { task: "task", started });
    assert.deepEqual(await handler(event, context), { hookStatus: "SUCCEEDED" });
    task({ lastStatus: "STOPPED", containers: [{ name: "sample", exitCode: 1 }] });
    assert.deepEqual(await handler(event, context), { hookStatus: "FAILED" });
    await assert.rejects(handler({ taskDefinition, phase: "expand" }, context), {
      message: /^the expand migrations failed: exit code 1; their log is that of arn:aws:ecs:/,
    });
  });

  it("says why a task never ran", async () => {
    task({ lastStatus: "STOPPED", stoppedReason: "CannotPullContainerError: no", containers: [] });
    await assert.rejects(handler({ taskDefinition, phase: "contract" }, context), {
      message: /^the contract migrations failed: CannotPullContainerError: no;/,
    });
    aws.answer("RunTask", JSON.stringify({ tasks: [], failures: [{ reason: "RESOURCE:FARGATE" }] }));
    await assert.rejects(handler({ taskDefinition, phase: "contract" }, context), {
      message: "Error: ECS started no task for the contract migrations: RESOURCE:FARGATE",
    });
  });

  it("stops a task that takes too long", async () => {
    const { hookDetails } = await handler(stageEvent("PRE_SCALE_UP", { started }), context);
    const running = String(hookDetails?.["task"]);
    assert.deepEqual(await handler(stageEvent("PRE_SCALE_UP", { task: running, started: 1 }), context), {
      hookStatus: "FAILED",
    });
    const { tasks: [stopped] = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [running] }));
    assert.equal(stopped?.desiredStatus, "STOPPED");
    assert.equal(stopped.stoppedReason, "the expand migrations ran longer than 600 s");
  });

  it("contracts for Pulumi without another backup", async () => {
    process.env["SNAPSHOTS"] = "nobody-made";
    task({ lastStatus: "STOPPED", containers: [{ name: "sample", exitCode: 0 }] });
    assert.deepEqual(await handler({ taskDefinition, phase: "contract" }, context), {
      hookStatus: "SUCCEEDED",
    });
    const [body = "{}"] = aws.requests("RunTask");
    const { overrides, startedBy } = JSON.parse(body) as { overrides: unknown; startedBy: string };
    assert.equal(startedBy, "slipway-contract");
    assert.deepEqual(overrides, {
      containerOverrides: [{ name: "sample", command: ["npm", "run", "migration:run", "--", "contract"] }],
    });
  });
});
