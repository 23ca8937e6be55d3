/** Outputs that come after the resource: those of components, and the stack's. */
import type { Urn } from "../model";
import type { Properties } from "../values";
import { propertiesEqual } from "./diff";
import { runAfterHooks } from "./hooks";
import type { Run } from "./run";
import type { Step } from "./step";
import { stepEvent } from "./step";
import { isStackUrn } from "./urn";

/** The outputs take the place of all that were there. The stack's wait for the end. @throws Error */
export async function registerOutputs(run: Run, urn: Urn, outputs: Properties): Promise<void> {
  if (isStackUrn(urn)) {
    run.stackOutputs = { urn, outputs };
    return;
  }
  const unfinished = run.unfinished.get(urn);
  if (!unfinished) throw new Error(`cannot complete a resource '${urn}' whose registration isn't pending`);
  run.unfinished.delete(urn);
  await complete(run, unfinished, outputs);
}

/** Saves the stack's outputs; after a failure those that did not come stay as they were. */
export async function finishStack(run: Run): Promise<void> {
  if (!run.stackOutputs) return;
  const { urn, outputs } = run.stackOutputs;
  const unfinished = run.unfinished.get(urn);
  if (!unfinished) return;
  const kept = run.failed || run.canceled ? unfinished.step.old?.outputs : {};
  await complete(run, unfinished, { ...kept, ...outputs });
}

async function complete(
  run: Run,
  { step, startedAt }: { step: Step; startedAt: number },
  outputs: Properties,
): Promise<void> {
  const { old, new: state } = step;
  if (!state || step.mode === "skipped") return;
  if (!propertiesEqual(state.outputs ?? {}, outputs)) {
    state.outputs = outputs;
    run.context.journal.touch(state);
  }
  if (!state.custom && (step.op === "create" || step.op === "update")) {
    const point = step.op === "create" ? "AfterCreate" : "AfterUpdate";
    await runAfterHooks(run, { point, resource: state, new: state, ...(old && { old }) });
  }
  const durationMs = performance.now() - startedAt;
  const event = stepEvent(step);
  run.context.events({ kind: "resource-outputs", step: event, planning: run.dryRun, durationMs });
}
