/** When the program's resource hooks are called. */
import type { ResourceState } from "../model";
import type { Properties } from "../values";
import type { HookCall, HookPoint } from "./context";
import type { Run } from "./run";
import { messageOf } from "./run";
import { nameOf } from "./urn";

export interface HookPhase {
  point: HookPoint;
  /** The resource whose hooks they are: the new one, or the one that goes. */
  resource: ResourceState;
  old?: ResourceState;
  new?: ResourceState;
}

/** Runs the hooks of one point, in order. @throws Error of the first that fails */
async function runHooks(run: Run, phase: HookPhase): Promise<void> {
  const { point, resource } = phase;
  const names = resource.resourceHooks?.[point] ?? [];
  if (names.length === 0) return;
  const { urn, type, id = "" } = resource;
  const call: HookCall = { urn, id, type, name: nameOf(urn) };
  const add = (key: keyof HookCall & `${string}puts`, value: Properties | undefined): void => {
    if (value) call[key] = value;
  };
  add("newInputs", phase.new?.inputs);
  add("oldInputs", phase.old?.inputs);
  add("newOutputs", phase.new?.outputs);
  add("oldOutputs", phase.old?.outputs);
  const when = point.startsWith("Before") ? "before" : "after";
  for (const name of names) {
    try {
      await run.context.hooks.run(name, call);
    } catch (error) {
      throw new Error(`${when} hook "${name}" failed: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** @throws Error when a hook fails: then the step must not be done. */
export const runBeforeHooks = runHooks;

/** What the step did is saved already: a hook that fails only stops the deployment. */
export async function runAfterHooks(run: Run, phase: HookPhase): Promise<void> {
  try {
    await runHooks(run, phase);
  } catch (error) {
    run.error(messageOf(error), phase.resource.urn);
    run.stop();
  }
}
