/** Whether an old resource is kept, updated or replaced. */
import type { DiffResult, ResourceState } from "../model";
import type { Value } from "../values";
import { containsUnknowns, unwrapSecrets } from "../values";
import { applyReplaceOnChanges, isReplacement, NO_CHANGE, propertiesEqual, someChange } from "./diff";
import type { Candidate } from "./generator";
import { subjectOf } from "./provider-instance";
import type { Run } from "./run";
import { splitReference } from "./urn";

export async function decideDiff(
  run: Run,
  candidate: Candidate,
  old: ResourceState,
): Promise<{ diff: DiffResult; replace: boolean }> {
  const triggered = isTriggered(candidate.state.replacementTrigger, old.replacementTrigger);
  const asked = triggered ? someChange() : await diffResource(run, candidate, old);
  const diff = applyReplaceOnChanges(asked, candidate.goal.replaceOnChanges, !!old.initErrors?.length);
  const replace =
    old.pendingReplacement === true || (diff.changes === "some" && (isReplacement(diff) || triggered));
  return { diff, replace };
}

/** What the engine itself knows to be a reason comes first, then the provider is asked. */
async function diffResource(
  run: Run,
  { goal, urn, state, operations }: Candidate,
  old: ResourceState,
): Promise<DiffResult> {
  if (run.isReplaceTarget(urn, old)) return someChange(["id"]);
  if (goal.replaceWith.some((other) => run.replaced.has(other))) return someChange(["replaceWith"]);
  if (goal.deletedWith !== undefined && run.replaced.has(goal.deletedWith)) {
    return someChange(["deletedWith"]);
  }
  if (await providerAsksReplacement(run, old, state)) return someChange(["provider"]);
  const [oldInputs, inputs] = [old.inputs ?? {}, state.inputs ?? {}];
  if (!operations) return propertiesEqual(oldInputs, inputs) ? NO_CHANGE : someChange();
  const subject = { ...subjectOf(urn), id: old.id ?? "" };
  return operations.diff(subject, oldInputs, old.outputs ?? {}, inputs, goal.ignoreChanges);
}

/** A resource stays when its provider's reference changes, unless the new provider says that it cannot manage it. */
async function providerAsksReplacement(run: Run, old: ResourceState, state: ResourceState): Promise<boolean> {
  if (old.provider === state.provider) return false;
  // Between component and custom resource.
  if (old.provider === undefined || state.provider === undefined) return true;
  const oldUrn = splitReference(old.provider).urn;
  const newUrn = splitReference(state.provider).urn;
  if (run.renamedTo.get(oldUrn) === newUrn) return false;
  const oldProvider = run.base.live.get(oldUrn) ?? run.base.withUrn(oldUrn)[0];
  const newProvider = run.providerStates.get(newUrn);
  if (!oldProvider || !newProvider) throw new Error(`could not find provider ${old.provider}`);
  const diff = await run.registry.diffBetween(state.provider, oldProvider, newProvider.inputs ?? {});
  return isReplacement(diff);
}

/** Null or nothing on either side means: no trigger; an unknown is a change. */
function isTriggered(trigger: Value | undefined, oldTrigger: Value | undefined): boolean {
  const [value, oldValue] = [unwrapSecrets(trigger ?? null), unwrapSecrets(oldTrigger ?? null)];
  if (containsUnknowns(value) || containsUnknowns(oldValue)) return true;
  if (value === null || oldValue === null) return false;
  return !propertiesEqual(value, oldValue);
}
