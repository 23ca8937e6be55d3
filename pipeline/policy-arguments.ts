import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownPublicKey } from "./evidence/keys";
import type { Workspace } from "./workspace";

type PolicyConfig = Record<string, Record<string, unknown>>;

/**
 * The engine's arguments that put the policy pack at the gate, with the stack's own levels and this machine's key for evidence. Every
 * update needs them: no engine can be told of a local pack in Pulumi.yaml.
 */
export function policyArguments({ root, stack }: Workspace): string[] {
  const file = join(root, ".slipway", `policy.${stack}.json`);
  const config = JSON.parse(readFileSync(join(root, `policy/config/${stack}.json`), "utf8")) as PolicyConfig;
  const key = ownPublicKey(root);
  const evidence = "release-require-evidence";
  if (key !== undefined) config[evidence] = { ...config[evidence], trustedKeys: [key] };
  writeFileSync(file, JSON.stringify(config, undefined, 2));
  return ["--policy-pack", join(root, "policy"), "--policy-pack-config", file];
}
