import { resourceRule } from "../../rule";
import { settingsOf, settingTypes } from "../../settings";

const flagName = /^[a-z][A-Za-z0-9]{0,39}$/;

/** The same words as slipway:featureFlags and slipway:toggles of the stack's configuration, where they are declared. */
export const requireDeclaredFlags = resourceRule({
  name: "configuration-require-declared-flags",
  displayName: "Feature flags are declared",
  description:
    "A service is given its feature flags and toggles as the configuration declares them: each by name, on or off, live or mock.",
  severity: "medium",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Declare the flag under slipway:featureFlags, the toggle under slipway:toggles, in the stack's file.",
  seed: "Safe deployment workflow, step 1: feature flags are set appropriately",
  unknown: "later",
  waivable: true,
  types: settingTypes,
  *check(resource, { type, name }) {
    const subject = `${type.split(":").at(-1)} "${name}"`;
    for (const { name: setting, value } of settingsOf(type, resource)) {
      if (setting !== "FEATURE_FLAGS" && setting !== "TOGGLES") continue;
      const declared = parse(value);
      if (declared === undefined) {
        yield `${subject} is given ${setting} that are no JSON object. Allowed: an object. Write it with JSON.stringify.`;
        continue;
      }
      for (const [flag, state] of Object.entries(declared)) {
        const isState =
          setting === "TOGGLES" ? state === "live" || state === "mock" : typeof state === "boolean";
        if (flagName.test(flag) && isState) continue;
        const allowed = setting === "TOGGLES" ? '"live" or "mock"' : "true or false";
        yield `${subject} is given ${flagName.test(flag) ? flag : "a name that is none"} in ${setting}, which says neither. Allowed: ${allowed}, by a name of letters and digits. Declare it in the stack's file.`;
      }
    }
  },
});

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
