import { notKnown, objectOf, textOf } from "../../known";
import { resourceRule, texts } from "../../rule";

/** The provider's default tags are on everything it makes, so it is the provider that is judged. */
export const requireTags = resourceRule({
  name: "configuration-require-tags",
  displayName: "Everything says whose it is",
  description: "AWS providers tag all that they make: for whom, for which stack, and who manages it.",
  severity: "medium",
  enforcementLevel: "mandatory",
  remediationSteps: "Name the missing tags in defaultTags of the stack's AWS provider (stacks/cloud.ts).",
  seed: "Safe deployment workflow, step 10: what was deployed, and by whom, is recorded",
  unknown: "later",
  waivable: true,
  types: ["pulumi:providers:aws"],
  options: {
    requiredTags: texts("Tags that everything carries.", ["project", "stack", "service", "managedBy"]),
  },
  *check(provider, { name, options: { requiredTags } }) {
    const { defaultTags } = provider;
    if (defaultTags === notKnown) return;
    const { tags } = objectOf(read(defaultTags));
    const missing = requiredTags.filter((tag) => textOf(objectOf(tags)[tag]) === "");
    if (missing.length === 0) return;
    yield `AWS provider "${name}" makes things without the tags ${missing.join(", ")}. Allowed: all of ${requiredTags.join(", ")}. Name them in defaultTags.`;
  },
});

/** The engine hands objects to providers as JSON text. */
function read(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
