import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownPublicKey } from "./evidence/keys";
import type { Workspace } from "./workspace";

type PolicyConfig = Record<string, Record<string, unknown>>;

/** The rules that ask who may sign; all of them know the same persons, those of policy/config/approvers.json. */
const askApprovers = [
  "pack-list-waivers",
  "release-require-hotfix-approval",
  "documents-require-go-live-checklist",
];

/**
 * The engine's arguments that put the policy pack at the gate, with the stack's own levels and this machine's key for evidence. Every
 * update needs them: no engine can be told of a local pack in Pulumi.yaml.
 */
export function policyArguments({ root, stack }: Workspace): string[] {
  const file = join(root, ".slipway", `policy.${stack}.json`);
  const config = readJson(join(root, `policy/config/${stack}.json`));
  const key = ownPublicKey(root);
  const evidence = "release-require-evidence";
  if (key !== undefined) config[evidence] = { ...config[evidence], trustedKeys: [key] };
  const approvers = readJson(join(root, "policy/config/approvers.json"));
  for (const rule of askApprovers) config[rule] = { ...config[rule], approvers };
  writeFileSync(file, JSON.stringify(config, undefined, 2));
  return ["--policy-pack", join(root, "policy"), "--policy-pack-config", file];
}

function readJson(file: string): PolicyConfig {
  return JSON.parse(readFileSync(file, "utf8")) as PolicyConfig;
}
