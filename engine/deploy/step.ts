/** One operation on one resource, decided and not yet done. */
import type { PropertyDiff, ResourceState, StepEvent, StepOp, Urn } from "../model";
import type { HookPhase } from "./hooks";
import { isDefaultProvider } from "./urn";

export interface Step {
  op: StepOp;
  /** The resource before; absent when there was none. */
  old?: ResourceState;
  /** The resource after, completed as the step runs; absent when it goes. */
  new?: ResourceState;
  /** False for the halves of a replacement: they are not counted. */
  logical: boolean;
  /** Why it is replaced. */
  keys?: string[];
  diffs?: string[];
  detailedDiff?: Record<string, PropertyDiff>;
  /**
   * same: "skipped" is a new resource that the targets leave out, "untargeted" an old one.
   * create-replacement, read-replacement and import-replacement: "keep-old" leaves the old resource in the state, to be deleted
   * at the end. delete-replaced: "ahead" leaves it in the state until its replacement was created.
   */
  mode?: "skipped" | "untargeted" | "keep-old" | "ahead";
}

/** The resource the step is about, as it is known best. */
export function resourceOf(step: Step): ResourceState {
  const resource = step.new ?? step.old;
  if (!resource) throw new Error(`a ${step.op} step without a resource`);
  return resource;
}

export const urnOf = (step: Step): Urn => resourceOf(step).urn;

/** Steps that are the engine's own business: neither shown nor counted. */
export const isInternal = (step: Step): boolean =>
  step.op === "remove-pending-replace" || isDefaultProvider(urnOf(step));

export function stepEvent(step: Step, op: StepOp = step.op): StepEvent {
  const { urn, type, provider = "" } = resourceOf(step);
  const { old, new: state, keys, diffs, detailedDiff, logical } = step;
  return {
    op,
    urn,
    type,
    ...(old && { old }),
    ...(state && { new: state }),
    ...(keys && { keys }),
    ...(diffs && { diffs }),
    ...(detailedDiff && { detailedDiff }),
    logical,
    provider,
    internal: isInternal(step),
  };
}

/** A step's work is done; what is left is to record it. */
export interface Applied {
  /** Writes the outcome to the journal. */
  save(): void;
  /** What the step is to fail with all the same: the resource exists, but is not ready. */
  failure?: Error;
  /** Hooks to run once the outcome is saved. */
  hooks?: HookPhase;
}

/** The resource is protected: it stays, with what it depends on; other deletes go on. */
export class ProtectedError extends Error {}
