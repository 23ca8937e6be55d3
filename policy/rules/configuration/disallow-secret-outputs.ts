import { notKnown } from "../../known";
import { stackRule } from "../../rule";
import { findSecrets, isHarmlessValue, isSecretName, randomKey } from "../../secret-patterns";

/** Whether an output is marked secret cannot be seen here, and does not matter: whoever may read the stack can ask for it with --show-secrets. */
export const disallowSecretOutputs = stackRule({
  name: "configuration-disallow-secret-outputs",
  displayName: "The stack's outputs hold no secret",
  description:
    "Outputs are for people and other stacks: they hold addresses and versions, never a secret, marked or not.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps: "Export the secret's ARN or name, and read it from the vault where it is needed.",
  seed: "DevOps engineer, quality gate: all secrets in secure variables or vaults, none in code",
  unknown: "fits",
  waivable: false,
  *check(resources) {
    for (const stack of resources.filter(({ type }) => type === "pulumi:pulumi:Stack")) {
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(stack.properties))) {
        if (value === undefined || value === notKnown) continue;
        const text = typeof value === "string" ? value : JSON.stringify(value);
        // Versions and digests are random to look at.
        const found = findSecrets(text).filter((what) => what !== randomKey);
        const named = isSecretName(name) && !isHarmlessValue(text) && !text.startsWith("arn:");
        const [what] = named ? [`a value for ${name}`] : found;
        if (what === undefined) continue;
        yield {
          message: `Output "${name}" holds ${what}. Allowed: no secret. Export where it is kept, not what it is.`,
          resource: stack,
        };
      }
    }
  },
});
