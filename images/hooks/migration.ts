/** A version's migrations, run by its own image as a task of their own: `expand` before it starts, `contract` after its bake. */
import { createHash } from "node:crypto";
import {
  DescribeServiceRevisionsCommand,
  DescribeTasksCommand,
  ECSClient,
  RunTaskCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { type Answer, type Ask, hook, setting } from "./run";
import { findSnapshot, snapshotId } from "./snapshots";

const ecs = new ECSClient({});

export const handler = hook(migrate);

async function migrate(ask: Ask): Promise<Answer> {
  const { details, phase, expired } = ask;
  const known = typeof details["task"] === "string" ? details["task"] : undefined;
  if (known === undefined && phase === "expand") {
    const id = snapshotId(ask);
    const state = (await findSnapshot(id))?.Status ?? "not there";
    if (state !== "available") {
      const fault = `no migrations without a backup: snapshot ${id} is "${state}"`;
      return expired ? { status: "FAILED", fault } : { status: "IN_PROGRESS", afterSeconds: 15 };
    }
  }
  const task = known ?? (await start(ask));
  const { tasks: [state] = [] } = await ecs.send(
    new DescribeTasksCommand({ cluster: setting("CLUSTER"), tasks: [task] }),
  );
  if (state?.lastStatus === "STOPPED") {
    const exitCode = state.containers?.find(({ name }) => name === setting("CONTAINER"))?.exitCode;
    if (exitCode === 0) return { status: "SUCCEEDED" };
    const how = exitCode === undefined ? (state.stoppedReason ?? "stopped") : `exit code ${exitCode}`;
    return {
      status: "FAILED",
      fault: `the ${phase} migrations failed: ${how}; their log is that of ${task}`,
    };
  }
  if (expired) {
    const fault = `the ${phase} migrations ran longer than ${setting("TIMEOUT_SECONDS")} s`;
    await ecs.send(new StopTaskCommand({ cluster: setting("CLUSTER"), task, reason: fault }));
    return { status: "FAILED", fault: `${fault}; ${task} was stopped` };
  }
  return { status: "IN_PROGRESS", afterSeconds: 10, details: { task } };
}

/** Starts the task, and answers its ARN; asked again for the same deployment, ECS answers the same task. */
async function start({ deployment, phase, revision, taskDefinition }: Ask): Promise<string> {
  const command = [...(JSON.parse(setting("COMMAND")) as string[]), phase];
  const { tasks: [task] = [], failures = [] } = await ecs.send(
    new RunTaskCommand({
      cluster: setting("CLUSTER"),
      taskDefinition: taskDefinition ?? (await definitionOf(revision)),
      launchType: "FARGATE",
      clientToken: createHash("sha256").update(`${deployment} ${phase}`).digest("hex").slice(0, 36),
      startedBy: `slipway-${phase}`,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: setting("SUBNETS").split(","),
          securityGroups: [setting("SECURITY_GROUP")],
          assignPublicIp: "DISABLED",
        },
      },
      overrides: { containerOverrides: [{ name: setting("CONTAINER"), command }] },
    }),
  );
  if (task?.taskArn !== undefined) return task.taskArn;
  const why = failures.map(({ reason, detail }) => detail ?? reason).join("; ");
  throw new Error(`ECS started no task for the ${phase} migrations: ${why || "it gave no reason"}`);
}

async function definitionOf(revision: string | undefined): Promise<string> {
  const { serviceRevisions: [found] = [] } = await ecs.send(
    new DescribeServiceRevisionsCommand({ serviceRevisionArns: [revision ?? ""] }),
  );
  if (found?.taskDefinition === undefined)
    throw new Error(`ECS does not know the service revision ${revision}`);
  return found.taskDefinition;
}
