import { aws } from "../../aws";
import { notKnown, objectOf, textOf } from "../../known";
import { amount, resourceRule } from "../../rule";

const passwordType = "random:index/randomPassword:RandomPassword";
const dayMilliseconds = 86_400_000;

export const requireSecretRotation = resourceRule({
  name: "configuration-require-secret-rotation",
  displayName: "Secrets are made anew in time",
  description:
    "Secrets that AWS keeps rotate by themselves; those that the stack makes say when they were last made, and it was not too long ago.",
  severity: "medium",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Set slipway:secretRotation of the secret to today's date: the next update makes it anew. For AWS's own, set automaticallyAfterDays.",
  seed: "Deployment direction: secrets management and rotation plans",
  equivalents: ["CKV_AWS_304", "CKV2_AWS_57"],
  unknown: "later",
  waivable: true,
  types: [aws.secretRotation, passwordType],
  options: {
    maxAgeDays: amount("How old a secret may become, in days.", 1, 90),
  },
  *check(secret, { type, name, now, tell, options: { maxAgeDays } }) {
    if (type === aws.secretRotation) {
      if (secret["rotationRules"] === notKnown) return;
      const { automaticallyAfterDays: days, scheduleExpression } = objectOf(secret["rotationRules"]);
      if ((typeof days === "number" && days <= maxAgeDays) || textOf(scheduleExpression) !== "") return;
      yield `Rotation "${name}" comes too seldom (automaticallyAfterDays: ${typeof days === "number" ? days : "none"}). Allowed: 1 to ${maxAgeDays} days, or a schedule. Set it.`;
      return;
    }
    const rotation = textOf(objectOf(secret["keepers"])["rotation"]);
    const made = /^\d{4}-\d{2}-\d{2}/.test(rotation) ? Date.parse(rotation.slice(0, 10)) : Number.NaN;
    if (Number.isNaN(made)) {
      tell(
        `Password "${name}" does not say when it was made. Allowed: a rotation that begins with a date, such as 2026-11-30. Set slipway:secretRotation of it.`,
      );
    } else if (now.getTime() - made > maxAgeDays * dayMilliseconds) {
      yield `Password "${name}" was made on ${rotation.slice(0, 10)}, more than ${maxAgeDays} days ago. Allowed: ${maxAgeDays} days. Set slipway:secretRotation of it to today's date.`;
    }
  },
});
