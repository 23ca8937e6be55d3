import { containerType, isOneShot } from "../../container";
import { listOf, notKnown, objectOf, show, textOf, type Properties } from "../../known";
import { resourceRule, texts } from "../../rule";

const options = {
  restartPolicies: texts("Restart policies that bring a container back after a crash.", [
    "always",
    "unless-stopped",
    "on-failure",
  ]),
};

/** Limits that only the update will know are judged then. The process limit is RLIMIT_NPROC: the docker provider has no pids limit. */
export const requireLimits = resourceRule({
  name: "containers-require-limits",
  displayName: "Containers are limited, and come back",
  description:
    "A container has limits on memory and processes, and a restart policy: one that fails must not take the others with it.",
  severity: "medium",
  enforcementLevel: "mandatory",
  remediationSteps:
    'Set memory and an equal memorySwap (MiB), an ulimit "nproc", and restart: "unless-stopped".',
  seed: "Safe deployment workflow, step 9: memory leaks are watched for and contained",
  unknown: "later",
  waivable: true,
  options,
  types: [containerType],
  *check(container, args) {
    const { restartPolicies } = args.options;
    const subject = `Container "${args.name}"`;
    const { memory, memorySwap, restart } = container;
    if (memory !== notKnown && !isPositive(memory)) {
      yield `${subject} has no memory limit. Allowed: memory of at least 1 MiB. Set memory, and memorySwap to the same.`;
    } else if (memorySwap !== notKnown && !isPositive(memorySwap)) {
      yield `${subject} may swap ${memorySwap === -1 ? "without limit (memorySwap: -1)" : "as much again as its memory (memorySwap is not set)"}. Allowed: a limit in MiB. Set memorySwap to the same as memory.`;
    }
    if (!hasProcessLimit(container)) {
      yield `${subject} has no limit on processes. Allowed: an ulimit "nproc" with a hard limit of at least 1. Add {name: "nproc", soft: 256, hard: 256} to ulimits.`;
    }
    if (restart !== notKnown && !isOneShot(container) && !restartPolicies.includes(textOf(restart))) {
      yield `${subject} has the restart policy ${show(restart)}, so a crash ends it. Allowed: ${restartPolicies.join(", ")}. Set restart: "unless-stopped", or mustRun: false where the container does its work and ends.`;
    }
  },
});

function isPositive(value: unknown): boolean {
  return typeof value === "number" && value > 0;
}

function hasProcessLimit({ ulimits }: Properties): boolean {
  if (ulimits === notKnown) return true;
  return listOf(ulimits).some((ulimit) => {
    const { name, hard } = objectOf(ulimit);
    return ulimit === notKnown || (name === "nproc" && (hard === notKnown || isPositive(hard)));
  });
}
