import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { requireHardenedTasks as rule } from "../../../../policy/rules/containers/require-hardened-tasks";
import { ecsContainer, infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

const subject = 'Task definition "sample-task"';
const withContainer = (changes: Record<string, unknown>) => ({
  containerDefinitions: JSON.stringify([ecsContainer(changes)]),
});

describe("containers-require-hardened-tasks", () => {
  itJudges(rule, [
    [
      aws.taskDefinition,
      { networkMode: "bridge" },
      `${subject} shares its host's network. Allowed: networkMode: "awsvpc". Set it.`,
    ],
    [
      aws.taskDefinition,
      { pidMode: "host" },
      `${subject} shares a namespace of its host (pidMode). Allowed: its own. Remove pidMode.`,
    ],
    [
      aws.taskDefinition,
      { volumes: [{ name: "docker", hostPath: "/var/run/docker.sock" }] },
      `${subject} is given a path of its host. Allowed: none. Remove the volume's hostPath.`,
    ],
    [
      aws.taskDefinition,
      { taskRoleArn: "arn:aws:iam::123456789012:role/execution" },
      `${subject} runs its tasks with the role that starts them, which reads secrets. Allowed: two roles. Make another.`,
    ],
  ]);

  for (const [changes, message] of [
    [
      { image: "registry.example/sample:latest" },
      "runs an image that can change under its name. Allowed: name@sha256:<64 hex digits>. Name its digest.",
    ],
    [{ user: undefined }, "may run as root. Allowed: another user, by number or name. Set user."],
    [{ privileged: true }, "is privileged. Allowed: privileged: false. Remove it."],
    [
      { readonlyRootFilesystem: undefined },
      "can write to its root. Allowed: readonlyRootFilesystem: true, with tmpfs for what must be written. Set it.",
    ],
    [
      { linuxParameters: { capabilities: { drop: ["ALL"], add: ["SYS_PTRACE"] } } },
      "adds capabilities. Allowed: none. Remove them.",
    ],
    [
      { linuxParameters: {} },
      'keeps capabilities. Allowed: linuxParameters.capabilities.drop with "ALL". Add it.',
    ],
    [
      { healthCheck: { command: ["NONE"] } },
      'has no health check. Allowed: healthCheck.command of ["CMD", …] or ["CMD-SHELL", …]. Add one.',
    ],
    [
      { logConfiguration: undefined },
      'keeps its log to itself. Allowed: logConfiguration with "awslogs". Set it.',
    ],
  ] as [Record<string, unknown>, string][]) {
    it(`refuses a container with ${JSON.stringify(changes)} in it`, async () => {
      assert.deepEqual(await judge(rule, infrastructure(aws.taskDefinition, withContainer(changes))), [
        `${subject}, container "sample", ${message}`,
      ]);
    });
  }

  it("asks for a limit of the task, or of the container", async () => {
    const unlimited = { memory: undefined };
    assert.deepEqual(await judge(rule, infrastructure(aws.taskDefinition, unlimited)), [
      `${subject}, container "sample", has no memory limit. Allowed: memory and cpu of the task, or memory of the container. Set them.`,
    ]);
    const limited = { ...unlimited, ...withContainer({ memory: 512 }) };
    assert.deepEqual(await judge(rule, infrastructure(aws.taskDefinition, limited)), []);
  });
});
