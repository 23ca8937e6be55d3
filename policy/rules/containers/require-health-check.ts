import { containerType, isOneShot } from "../../container";
import { listOf, notKnown, objectOf } from "../../known";
import { resourceRule } from "../../rule";

/** A health check that only the update will know is judged then. A container that does its work and ends needs none. */
export const requireHealthCheck = resourceRule({
  name: "containers-require-health-check",
  displayName: "Containers tell whether they are healthy",
  description:
    "A container that stays up has a health check: nothing else tells a running process from a working one.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps:
    'Set healthcheck.tests to a command that fails when the container does not work, such as ["CMD", "pg_isready", "-q"].',
  seed: "DevOps engineer, quality gate: health checks and alerting are configured",
  unknown: "later",
  waivable: true,
  types: [containerType],
  *check(container, { name }) {
    const { healthcheck } = container;
    const { tests } = objectOf(healthcheck);
    if (isOneShot(container) || healthcheck === notKnown || tests === notKnown) return;
    const [kind, ...command] = listOf(tests);
    if (kind === "NONE") {
      yield `Container "${name}" has its health check switched off (tests: ["NONE"]). Allowed: ["CMD", …] or ["CMD-SHELL", …]. Give it a command.`;
    } else if (kind !== notKnown && (kind === undefined || command.length === 0)) {
      yield `Container "${name}" has no health check. Allowed: healthcheck.tests of ["CMD", …] or ["CMD-SHELL", …]. Add one, or mustRun: false where the container does its work and ends.`;
    }
  },
});
