/** Runs steps, saves what they did and tells of it. */
import type { StepOp } from "../model";
import { DeploymentStopped } from "./context";
import { propertiesEqual } from "./diff";
import { runAfterHooks } from "./hooks";
import type { Run } from "./run";
import { messageOf } from "./run";
import { markOutputs } from "./secrets";
import type { Applied, Step } from "./step";
import { ProtectedError, isInternal, resourceOf, stepEvent, urnOf } from "./step";
import { applyStep } from "./steps";

/**
 * Runs steps one after the other, when there is a free slot. The first that fails is told, and stops the deployment (but for
 * protected resources).
 * @throws DeploymentStopped, or ProtectedError
 */
export function runSteps(run: Run, steps: readonly Step[]): Promise<void> {
  if (steps.length === 0) return Promise.resolve();
  return run.slots.run(async () => {
    for (const step of steps) {
      run.checkStopped();
      await runStep(run, step);
    }
  });
}

async function runStep(run: Run, step: Step): Promise<void> {
  const { context, dryRun } = run;
  context.events({ kind: "resource-pre", step: stepEvent(step), planning: dryRun });
  const startedAt = performance.now();
  let failure: unknown;
  try {
    const applied = await applyStep(run, step);
    markSecrets(run, step);
    applied.save();
    remember(run, step, applied, startedAt);
    ({ failure } = applied);
    if (applied.hooks) await runAfterHooks(run, applied.hooks);
  } catch (error) {
    failure = error;
  }
  if (failure === undefined) reportSuccess(run, step, step.op, startedAt);
  else {
    reportFailure(run, step, failure);
    if (failure instanceof ProtectedError) throw failure;
    run.stop();
    throw new DeploymentStopped();
  }
}

function markSecrets(run: Run, step: Step): void {
  const state = step.new;
  if (!state?.outputs || step.op === "replace") return;
  const names = state.additionalSecretOutputs ?? [];
  if (names.includes("id")) run.diagnose("warning", "The 'id' property cannot be made secret.", state.urn);
  state.outputs = markOutputs(state.outputs, state.inputs ?? {}, names);
}

function remember(run: Run, step: Step, applied: Applied, startedAt: number): void {
  const state = step.new;
  if (!state || applied.failure) return;
  if (step.logical) run.unfinished.set(state.urn, { step, startedAt });
  if (step.op === "read" || step.op === "read-replacement") run.reads.set(state.urn, state);
  else if (step.op !== "replace" && step.mode !== "skipped") run.news.set(state.urn, state);
}

/** Tells of a step that went well; `op` is what it came to (a refresh shows what it found). */
export function reportSuccess(run: Run, step: Step, op: StepOp, startedAt: number): void {
  if (isCounted(step, op) && !isInternal(step)) run.changes[op] = (run.changes[op] ?? 0) + 1;
  // A component's outputs come later, when they are registered.
  if (!run.dryRun && !resourceOf(step).custom && op !== "delete" && step.op !== "refresh") return;
  const durationMs = performance.now() - startedAt;
  const event = stepEvent(step, op);
  run.context.events({ kind: "resource-outputs", step: event, planning: run.dryRun, durationMs });
}

function isCounted(step: Step, op: StepOp): boolean {
  if (step.op === "refresh") return op !== "refresh";
  if (op !== "read") return step.logical;
  return step.old !== undefined && !propertiesEqual(step.old.outputs ?? {}, step.new?.outputs ?? {});
}

export function reportFailure(run: Run, step: Step, failure: unknown): void {
  const message = messageOf(failure);
  run.error(run.dryRun ? `Preview failed: ${message}` : message, isInternal(step) ? undefined : urnOf(step));
  run.context.events({ kind: "resource-failed", step: stepEvent(step), error: message });
}
