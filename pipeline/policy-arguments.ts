import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Workspace } from "./workspace";

/**
 * The engine's arguments that put the policy pack at the gate, with the stack's own levels. Every update needs them: no engine can be told of a
 * local pack in Pulumi.yaml.
 */
export function policyArguments({ root, stack }: Workspace): string[] {
  const config = join(root, ".slipway", `policy.${stack}.json`);
  const rules = JSON.parse(readFileSync(join(root, `policy/config/${stack}.json`), "utf8")) as Record<
    string,
    unknown
  >;
  writeFileSync(config, JSON.stringify(rules, undefined, 2));
  return ["--policy-pack", join(root, "policy"), "--policy-pack-config", config];
}
