/** What stands before the traffic of a service on ECS (components/gates). */
import { listOf, objectOf } from "./known";
import type { StackResource } from "./rule";

export const ecsServiceType = "aws:ecs/service:Service";

/** A function that ECS calls at a stage, or one that runs before the service changes. */
export function hasHook({ properties, dependencies }: StackResource, stage: string): boolean {
  const hooks = listOf(objectOf(properties["deploymentConfiguration"])["lifecycleHooks"]).map(objectOf);
  return (
    dependencies.some(({ type }) => type === "aws:lambda/invocation:Invocation") ||
    hooks.some(
      ({ lifecycleStages, targetType }) => listOf(lifecycleStages).includes(stage) && targetType !== "PAUSE",
    )
  );
}
