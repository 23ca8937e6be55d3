import { containerType } from "../../container";
import { textOf } from "../../known";
import { resourceRule, texts } from "../../rule";

/** A container without a user has its image's, which nobody sees here: it is asked to say it. */
export const disallowRoot = resourceRule({
  name: "containers-disallow-root",
  displayName: "Containers run without root",
  description:
    "A container names a user other than root: what breaks out of it must not be root on this machine.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps: 'Set user to the service\'s own, such as "1000:1000".',
  seed: "DevOps engineer, prohibitions: no security holes",
  equivalents: ["DS-0002", "CKV_DOCKER_3", "CKV_DOCKER_8"],
  unknown: "later",
  waivable: true,
  types: [containerType],
  options: { rootAllowed: texts("Containers, by resource name, that need root.", []) },
  *check({ user }, { name, options: { rootAllowed } }) {
    if (typeof user === "symbol" || !/^(|root|0)(:.*)?$/.test(textOf(user)) || rootAllowed.includes(name))
      return;
    yield `Container "${name}" may run as root (user: ${user === undefined ? "none" : textOf(user)}). Allowed: another user, by number or name. Set user, or name the container in rootAllowed of this rule.`;
  },
});
