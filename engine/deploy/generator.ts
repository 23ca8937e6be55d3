/** Decides what a registration asks for. Called for one resource at a time. */
import type { Goal, ResourceState, Urn } from "../model";
import { containsUnknowns } from "../values";
import { claimUrn, findOld } from "./alias";
import { checkInputs, ignoreChangedInputs } from "./check";
import { DeploymentStopped } from "./context";
import { decideDiff } from "./diff-decision";
import { applyPolicies } from "./policies";
import type { ResourceOperations } from "./provider-instance";
import { planReplacement } from "./replace";
import type { Run } from "./run";
import type { Step } from "./step";
import { planUntargeted } from "./untargeted";
import { isProviderType, isStackUrn } from "./urn";

/** Steps to run in turn, and what then. */
export interface Plan {
  steps: Step[];
  /** They must wait for this. */
  after?: Promise<void>;
  /** What is answered to the program, complete once the steps have run. */
  state: ResourceState;
  /** Decides what follows from what the steps found. */
  next?: () => Promise<Plan>;
  /** The targets leave the resource out, and it does not exist. */
  unknown?: boolean;
}

/** A registration with the old resource it continues. */
export interface Candidate {
  goal: Goal;
  urn: Urn;
  old?: ResourceState;
  /** The resource to be, completed as it is decided and done. */
  state: ResourceState;
  /** Absent for components. */
  operations?: ResourceOperations;
}

export async function planRegistration(run: Run, goal: Goal): Promise<Plan> {
  const { type, name, parent } = goal;
  const urn = claimUrn(run, type, name, parent);
  const identity = { urn, type, name, ...(parent !== undefined && { parent }) };
  const { old, alias } = findOld(run, identity, goal.aliases);
  run.goals.set(urn, goal);
  const state = newState(goal, urn, old);
  if (alias !== undefined) state.aliases = [alias];
  if (isProviderType(type)) run.providerStates.set(urn, state);
  const operations = run.operationsOf(state);
  const candidate = { goal, urn, state, ...(old && { old }), ...(operations && { operations }) };
  return isImport(candidate) ? planImport(run, candidate) : planChange(run, candidate);
}

/** The state as the goal has it; absent where the goal says nothing. */
function newState(goal: Goal, urn: Urn, old: ResourceState | undefined): ResourceState {
  const listed = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);
  const keyed = <T extends object>(map: T): T | undefined => (Object.keys(map).length > 0 ? map : undefined);
  const optional: { [K in keyof ResourceState]: ResourceState[K] | undefined } = {
    urn,
    custom: goal.custom,
    type: goal.type,
    inputs: goal.inputs,
    parent: goal.parent,
    protect: goal.protect || undefined,
    dependencies: listed(goal.dependencies),
    provider: goal.custom ? goal.provider : undefined,
    propertyDependencies: keyed(goal.propertyDependencies),
    additionalSecretOutputs: listed(goal.additionalSecretOutputs),
    customTimeouts: keyed(goal.customTimeouts),
    importID: goal.importId,
    retainOnDelete: goal.retainOnDelete || undefined,
    deletedWith: goal.deletedWith,
    replaceWith: listed(goal.replaceWith),
    created: old?.created,
    modified: old?.modified,
    sourcePosition: goal.sourcePosition,
    stackTrace: goal.stackTrace,
    ignoreChanges: listed(goal.ignoreChanges),
    hideDiff: listed(goal.hideDiff),
    replaceOnChanges: listed(goal.replaceOnChanges),
    replacementTrigger: goal.replacementTrigger,
    refreshBeforeUpdate: old?.refreshBeforeUpdate,
    resourceHooks: keyed(goal.hooks),
  };
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as unknown as ResourceState;
}

function isImport({ goal, old }: Candidate): boolean {
  if (!goal.custom || goal.importId === undefined) return false;
  return !old || old.external === true || (old.importID ?? old.id) !== goal.importId;
}

function planImport(run: Run, candidate: Candidate): Plan {
  const { goal, urn, old, state: imported } = candidate;
  run.imported.add(urn);
  const state = newState(goal, urn, old);
  if (imported.aliases) state.aliases = imported.aliases;
  const next = (): Promise<Plan> => planChange(run, { ...candidate, old: imported, state });
  if (!old) return { steps: [{ op: "import", new: imported, logical: true }], state: imported, next };
  run.replaced.add(urn);
  run.operated.add(urn);
  const steps: Step[] = [
    { op: "import-replacement", old, new: imported, logical: false },
    { op: "replace", old, new: imported, logical: true },
  ];
  const ahead = run.deletedAhead.get(old);
  return { steps, state: imported, next, ...(ahead && { after: ahead.gone }) };
}

async function planChange(run: Run, candidate: Candidate): Promise<Plan> {
  const { goal, urn, old, state, operations } = candidate;
  const included = isProviderType(goal.type) || isStackUrn(urn) || run.isTargeted(state);
  const ahead = old && run.deletedAhead.get(old);
  const startsAnew = !old || old.external || ahead !== undefined || run.isReplaceTarget(urn, old);

  if (!included) state.inputs = old?.inputs ?? {};
  else {
    if (old && !startsAnew) state.inputs = ignoreChangedInputs(run, candidate, old);
    if (operations) {
      await checkInputs(run, candidate, startsAnew ? {} : (old.inputs ?? {}), state.inputs ?? {});
    }
  }
  // A policy that forbids the resource has told the user why.
  if (!(await applyPolicies(run, goal, state))) {
    run.stop();
    throw new DeploymentStopped();
  }

  if (included && run.targets.constrained && run.isTargeted(state)) run.targets.add(urn);
  if (old && ahead) {
    run.deleted.delete(old.urn);
    run.replaced.add(urn);
    run.operated.add(urn);
    const steps: Step[] = [
      { op: "replace", old, new: state, logical: true },
      { op: "create-replacement", old, new: state, keys: ahead.keys, logical: false },
    ];
    return { steps, state, after: ahead.gone };
  }
  if (old?.external) {
    run.created.add(urn);
    const steps: Step[] = [
      { op: "create-replacement", old, new: state, mode: "keep-old", logical: false },
      { op: "replace", old, new: state, logical: true },
    ];
    return { steps, state };
  }
  if (!included) return planUntargeted(run, candidate);
  if (!old) {
    run.created.add(urn);
    return { steps: [{ op: "create", new: state, logical: true }], state };
  }
  return planDifference(run, candidate, old);
}

async function planDifference(run: Run, candidate: Candidate, old: ResourceState): Promise<Plan> {
  const { urn, state } = candidate;
  if (run.kept.has(old)) {
    throw new Error(
      `a resource that is no target and was registered before depends on ${urn} by the state: make it a target too`,
    );
  }
  if (!run.dryRun && containsUnknowns(state.replacementTrigger)) {
    run.abort(`replacement trigger contains unknowns for ${urn}`, urn);
  }
  const { diff, replace } = await decideDiff(run, candidate, old);
  const { diffs, detailedDiff } = diff;
  const details = { diffs, ...(detailedDiff && { detailedDiff }) };
  run.operated.add(urn);
  if (replace) return planReplacement(run, candidate, old, diff);
  if (diff.changes === "some" || old.initErrors?.length) {
    return { steps: [{ op: "update", old, new: state, logical: true, ...details }], state };
  }
  // What was just imported as it is needs nothing more.
  if (run.imported.has(urn)) return { steps: [], state: old };
  return { steps: [{ op: "same", old, new: state, logical: true }], state };
}
