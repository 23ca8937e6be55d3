/** By resource type, the rules that no schema has. */
import type { Fault } from "./fault";
import { cloudflareRules } from "./rules/cloudflare";
import { dataRules } from "./rules/data";
import { ecsRules } from "./rules/ecs";
import { loadBalancingRules } from "./rules/load-balancing";
import { networkRules } from "./rules/network";
import { operationRules } from "./rules/operations";
import { policyRules } from "./rules/policies";
import type { Asked } from "./rules/rule";

const AWS = [networkRules, loadBalancingRules, ecsRules, dataRules, policyRules, operationRules];

export function ruleFaults(asked: Asked): Fault[] {
  const rules = [...AWS.flatMap((each) => each[asked.type] ?? []), ...cloudflareRules(asked.type)];
  return rules.flatMap((rule) => [...rule(asked)]);
}
