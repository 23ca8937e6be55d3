/** What the cloud does by itself when something is updated. */
import type { Properties } from "../../values";
import { answersTo, type Cloud, type Thing } from "./cloud";
import { asText } from "./text";

const SERVICE = "aws:ecs/service:Service";
const TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition";

/** @returns why an update is refused; undefined where it is not. */
export function refusedUpdate(
  cloud: Cloud,
  { type, inputs: olds }: Thing,
  news: Properties,
): string | undefined {
  // Storage of RDS never shrinks ("Working with storage": you can't reduce the amount).
  if (
    type === "aws:rds/instance:Instance" &&
    Number(news["allocatedStorage"]) < Number(olds["allocatedStorage"])
  ) {
    return `allocatedStorage cannot go from ${asText(olds["allocatedStorage"])} down to ${asText(news["allocatedStorage"])}`;
  }
  const definition = news["taskDefinition"];
  if (type === SERVICE && typeof definition === "string" && !definitionOf(cloud, definition)) {
    return `TaskDefinition not found: ${definition}`;
  }
  return undefined;
}

/**
 * A deployment whose tasks fail is rolled back by the circuit breaker or an alarm without a word: the service is back on the task
 * definition it had, and the update counts as done (terraform-provider-aws#20858, the most reported trap of this field).
 */
export function afterUpdate(cloud: Cloud, before: Thing, outputs: Properties): Properties {
  const wanted = outputs["taskDefinition"];
  const running = before.made?.outputs["taskDefinition"];
  if (before.type !== SERVICE || typeof wanted !== "string" || running === undefined) return outputs;
  const definition = definitionOf(cloud, wanted);
  if (!definition || !cloud.failing(definition)) return outputs;
  return { ...outputs, taskDefinition: running };
}

export const definitionOf = (cloud: Cloud, reference: string): Thing | undefined =>
  cloud.existing().find((thing) => thing.type === TASK_DEFINITION && answersTo(thing, reference));
