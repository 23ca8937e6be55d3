/** How the plans of staging and production differ, once what merely names the environment is the same word in both. */
import type { CloudEnvironment } from "../../stacks/environments";
import type { Place } from "../../stacks/schema";
import { defaults } from "./config-values";
import { keyOf, valueText, type Planned } from "./plan";

const places = JSON.parse(defaults["environments"] ?? "{}") as Record<CloudEnvironment, Place>;

/** A line for each: `<name> <type> <input>: <staging> → <production>`, or `… only in production`. */
export function differences(staging: readonly Planned[], production: readonly Planned[]): string[] {
  const inputs = {
    staging: inputsOf("staging", staging),
    production: inputsOf("production", production),
  };
  const keys = [...new Set([...inputs.staging.keys(), ...inputs.production.keys()])].sort();
  return keys.flatMap((key) => {
    const [a, b] = [inputs.staging.get(key), inputs.production.get(key)];
    if (a === undefined || b === undefined)
      return [`${key} only in ${a === undefined ? "production" : "staging"}`];
    return Object.keys({ ...a, ...b })
      .filter((input) => a[input] !== b[input])
      .map((input) => `${key} ${input}: ${a[input] ?? "—"} → ${b[input] ?? "—"}`);
  });
}

function inputsOf(environment: CloudEnvironment, plan: readonly Planned[]) {
  const { account, domain, cloudflareZone } = places[environment];
  const neutral = (text: string): string =>
    text
      .replaceAll(`slipway-${environment}`, "slipway-ENVIRONMENT")
      .replaceAll(account, "ACCOUNT")
      .replaceAll(domain, "DOMAIN")
      .replaceAll(cloudflareZone, "ZONE");
  return new Map(
    plan
      .filter(({ type }) => !type.startsWith("slipway:") || type.startsWith("slipway:index:"))
      .map((planned) => [
        neutral(keyOf(planned)),
        Object.fromEntries(
          Object.entries(planned.inputs).map(([key, value]) => [key, neutral(valueText(value))]),
        ),
      ]),
  );
}
