/** Brings the state up to what the providers find. */
import type { DiffResult, ResourceState, StepOp, Urn } from "../model";
import { InitError } from "./context";
import { invertDiff, NO_CHANGE, propertiesEqual } from "./diff";
import { reportFailure, reportSuccess } from "./execution";
import { ResourceGraph } from "./graph";
import { subjectOf } from "./provider-instance";
import type { Run } from "./run";
import { markOutputs } from "./secrets";
import type { Step } from "./step";
import { stepEvent } from "./step";
import { isProviderType } from "./urn";

interface Finding {
  /** Absent when nothing is there any more. */
  found?: ResourceState;
  op: StepOp;
  diff: DiffResult;
}

/**
 * Reads old resources from their providers, all or those that `select` chooses, and changes the state in place. A resource that cannot
 * be read stays as it is and fails the deployment in the end. `shown`: the steps tell what they found, and count.
 */
export async function refreshState(
  run: Run,
  select: (resource: ResourceState) => boolean,
  shown: boolean,
): Promise<void> {
  for (const message of run.targets.missing((urn) => run.base.withUrn(urn).length > 0)) run.error(message);
  if (run.failed) return run.stop();
  const findings = new Map<ResourceState, Finding>();
  const chosen = run.base.resources.filter((resource) => {
    const targeted = run.isTargeted(resource);
    if (targeted && run.targets.constrained) run.targets.add(resource.urn);
    return targeted && select(resource);
  });
  await Promise.allSettled(
    chosen.map((old) =>
      run.slots.run(async () => {
        run.checkStopped();
        const finding = await refreshResource(run, old, shown);
        if (finding) findings.set(old, finding);
      }),
    ),
  );
  saveFindings(run, findings);
}

async function refreshResource(run: Run, old: ResourceState, shown: boolean): Promise<Finding | undefined> {
  const { events } = run.context;
  const step: Step = { op: "refresh", old, new: old, logical: false };
  events({ kind: "resource-pre", step: stepEvent(step), planning: run.dryRun });
  const startedAt = performance.now();
  try {
    const finding = await readAgain(run, old);
    const { found, op, diff } = finding;
    const { diffs, detailedDiff } = diff;
    // What is saved changes `old` itself: the event has a copy.
    const before = { ...old };
    const done: Step = { ...step, old: before, diffs, ...(detailedDiff && { detailedDiff }) };
    if (found) done.new = found;
    else delete done.new;
    reportSuccess(run, done, shown ? op : "refresh", startedAt);
    return finding;
  } catch (error) {
    reportFailure(run, step, error);
    return undefined;
  }
}

async function readAgain(run: Run, old: ResourceState): Promise<Finding> {
  const same: Finding = { found: old, op: "same", diff: NO_CHANGE };
  if (!old.custom || isProviderType(old.type) || old.pendingReplacement) return same;
  const provider = await run.ensureProvider(old.provider ?? "");
  const subject = { ...subjectOf(old.urn), id: old.id ?? "" };
  const { inputs: oldInputs = {}, outputs: oldOutputs = {} } = old;
  let initErrors: string[] | undefined;
  const result = await provider.read(subject, oldInputs, oldOutputs).catch((error: unknown) => {
    if (!(error instanceof InitError)) throw error;
    initErrors = error.reasons;
    const reasons = error.reasons.join("\n* ");
    run.diagnose("warning", `Refreshed resource is in an unhealthy state:\n* ${reasons}`, old.urn);
    return error;
  });
  if (result.id === "") return { op: "delete", diff: NO_CHANGE };

  const inputs = result.inputs ?? oldInputs;
  const outputs = markOutputs(result.properties, inputs, old.additionalSecretOutputs ?? []);
  const changed = !propertiesEqual(inputs, oldInputs) || !propertiesEqual(outputs, oldOutputs);
  const found: ResourceState = {
    ...old,
    id: result.id,
    inputs,
    outputs,
    ...(changed && { modified: new Date().toISOString() }),
  };
  if (initErrors) found.initErrors = initErrors;
  else delete found.initErrors;
  if (old.external) return { found, op: changed ? "update" : "same", diff: NO_CHANGE };
  // What the next update would change back, seen from the other side, is what has drifted.
  const back = await provider.diff(
    { ...subject, id: result.id },
    inputs,
    outputs,
    oldInputs,
    old.ignoreChanges ?? [],
  );
  return { found, op: back.changes === "none" ? "same" : "update", diff: invertDiff(back) };
}

/**
 * Writes what was found. What is gone leaves the state last, when nothing refers to it any more: at no moment does the state hold
 * a reference to nothing. Children of what is gone become its parent's.
 */
function saveFindings(run: Run, findings: ReadonlyMap<ResourceState, Finding>): void {
  const { journal } = run.context;
  const gone: ResourceState[] = [];
  const left: ResourceState[] = [];
  const present = new Set<Urn>();
  const parentOf = new Map<Urn, Urn | undefined>();
  for (const resource of run.base.resources) {
    const finding = findings.get(resource);
    if (finding && !finding.found) {
      gone.push(resource);
      if (!present.has(resource.urn)) parentOf.set(resource.urn, livingParent(resource, present, parentOf));
      continue;
    }
    if (finding?.found && finding.found !== resource) replaceFields(resource, finding.found);
    const pruned = prune(resource, present, parentOf);
    if (pruned || (finding?.found && finding.found !== resource)) journal.touch(resource);
    present.add(resource.urn);
    left.push(resource);
  }
  for (const resource of gone.reverse()) journal.drop(resource);
  run.base = new ResourceGraph(left);
}

function livingParent(
  { parent }: ResourceState,
  present: ReadonlySet<Urn>,
  parentOf: ReadonlyMap<Urn, Urn | undefined>,
): Urn | undefined {
  return parent === undefined || present.has(parent) ? parent : parentOf.get(parent);
}

/** Takes references to what is gone out of a resource; true when there were any. */
function prune(
  resource: ResourceState,
  present: ReadonlySet<Urn>,
  parentOf: ReadonlyMap<Urn, Urn | undefined>,
): boolean {
  const before = { ...resource };
  const living = (urns: Urn[]): Urn[] =>
    urns.every((urn) => present.has(urn)) ? urns : urns.filter((urn) => present.has(urn));
  const parent = livingParent(resource, present, parentOf);
  if (parent === undefined) delete resource.parent;
  else resource.parent = parent;
  if (resource.dependencies) resource.dependencies = living(resource.dependencies);
  if (resource.replaceWith) resource.replaceWith = living(resource.replaceWith);
  if (resource.deletedWith !== undefined && !present.has(resource.deletedWith)) delete resource.deletedWith;
  const byProperty = Object.entries(resource.propertyDependencies ?? {});
  if (byProperty.some(([, urns]) => living(urns) !== urns)) {
    resource.propertyDependencies = Object.fromEntries(byProperty.map(([key, urns]) => [key, living(urns)]));
  }
  const keys = ["parent", "dependencies", "replaceWith", "deletedWith", "propertyDependencies"] as const;
  return keys.some((key) => before[key] !== resource[key]);
}

function replaceFields(resource: ResourceState, found: ResourceState): void {
  if (!found.initErrors) delete resource.initErrors;
  Object.assign(resource, found);
}
