import { aws } from "../../aws";
import { listOf, notKnown, objectOf, textOf, type Properties } from "../../known";
import { resourceRule } from "../../rule";
import { containersOf } from "../../task-definition";

const pinned = /@sha256:[0-9a-f]{64}$/;

/** What the other rules of this area ask of Docker's containers, asked of the containers of ECS. */
export const requireHardenedTasks = resourceRule({
  name: "containers-require-hardened-tasks",
  displayName: "Tasks on ECS are as hardened as containers on Docker",
  description:
    "A task's containers run an image named by digest, without root, privileges or a writable root, with a health check, limits and a log.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Set what the finding names in containerDefinitions; components/deployments/ecs-task.ts shows all of it.",
  seed: "DevOps engineer, prohibitions: no security holes",
  equivalents: [
    ...[
      "CKV_AWS_249",
      "CKV_AWS_334",
      "CKV_AWS_335",
      "CKV_AWS_336",
      "KICS-9f4a9409",
      "DS-0001",
      "DS-0002",
      "DS-0026",
    ],
  ],
  unknown: "later",
  waivable: true,
  types: [aws.taskDefinition],
  *check(definition, { name }) {
    const { networkMode, pidMode, ipcMode, volumes, executionRoleArn, taskRoleArn, memory, cpu } = definition;
    const subject = `Task definition "${name}"`;
    if (networkMode !== notKnown && networkMode !== "awsvpc")
      yield `${subject} shares its host's network. Allowed: networkMode: "awsvpc". Set it.`;
    for (const [mode, value] of Object.entries({ pidMode, ipcMode }))
      if (value === "host")
        yield `${subject} shares a namespace of its host (${mode}). Allowed: its own. Remove ${mode}.`;
    if (listOf(volumes).some((volume) => textOf(objectOf(volume)["hostPath"]) !== ""))
      yield `${subject} is given a path of its host. Allowed: none. Remove the volume's hostPath.`;
    if (typeof taskRoleArn === "string" && taskRoleArn === executionRoleArn)
      yield `${subject} runs its tasks with the role that starts them, which reads secrets. Allowed: two roles. Make another.`;
    const isLimited = (memory !== undefined && cpu !== undefined) || memory === notKnown || cpu === notKnown;
    for (const container of containersOf(definition)) yield* faultsOf(container, isLimited, subject);
  },
});

function* faultsOf(container: Properties, isLimited: boolean, task: string): Generator<string> {
  const subject = `${task}, container "${textOf(container["name"])}",`;
  const { image, user, privileged, readonlyRootFilesystem, healthCheck, logConfiguration, essential } =
    container;
  if (!pinned.test(textOf(image)))
    yield `${subject} runs an image that can change under its name. Allowed: name@sha256:<64 hex digits>. Name its digest.`;
  if (/^(|root|0)(:.*)?$/.test(textOf(user)))
    yield `${subject} may run as root. Allowed: another user, by number or name. Set user.`;
  if (privileged === true) yield `${subject} is privileged. Allowed: privileged: false. Remove it.`;
  if (readonlyRootFilesystem !== true)
    yield `${subject} can write to its root. Allowed: readonlyRootFilesystem: true, with tmpfs for what must be written. Set it.`;
  const { add, drop } = objectOf(objectOf(container["linuxParameters"])["capabilities"]);
  if (listOf(add).length > 0) yield `${subject} adds capabilities. Allowed: none. Remove them.`;
  if (!listOf(drop).includes("ALL"))
    yield `${subject} keeps capabilities. Allowed: linuxParameters.capabilities.drop with "ALL". Add it.`;
  const [kind] = listOf(objectOf(healthCheck)["command"]);
  if (essential !== false && (kind === undefined || kind === "NONE"))
    yield `${subject} has no health check. Allowed: healthCheck.command of ["CMD", …] or ["CMD-SHELL", …]. Add one.`;
  if (!isLimited && container["memory"] === undefined)
    yield `${subject} has no memory limit. Allowed: memory and cpu of the task, or memory of the container. Set them.`;
  if (textOf(objectOf(logConfiguration)["logDriver"]) === "")
    yield `${subject} keeps its log to itself. Allowed: logConfiguration with "awslogs". Set it.`;
}
