/** What goes at the end of an update, and in which order. */
import type { ResourceState, Urn } from "../model";
import { DeploymentStopped } from "./context";
import { runSteps } from "./execution";
import { append } from "./graph";
import type { Run } from "./run";
import type { Step } from "./step";
import { ProtectedError, resourceOf } from "./step";
import { keepWithDependencies } from "./untargeted";

/** Deletes what replacements have left and what was not registered; with targets, only what they allow. */
export async function performDeletes(run: Run): Promise<void> {
  const { sames, deletes } = planDeletes(run);
  await runSteps(run, sames);
  await runDeletes(run, deletes);
}

function planDeletes(run: Run): { sames: Step[]; deletes: Step[] } {
  const allowed = deletableUrns(run);
  const sames: Step[] = [];
  const deletes: Step[] = [];
  for (const old of run.base.resources) {
    if (allowed && !allowed.has(old.urn)) {
      if (!run.isOperated(old.urn)) keepWithDependencies(run, old, sames);
    } else if (old.delete) {
      // Deleted for good already, with something it depended on.
      if (run.deletedAhead.has(old) && !old.pendingReplacement) continue;
      run.deleted.add(old.urn);
      deletes.push({ op: old.external ? "discard-replaced" : "delete-replaced", old, logical: false });
    } else if (!run.isOperated(old.urn)) {
      run.deleted.add(old.urn);
      if (old.pendingReplacement) {
        deletes.push({ op: "remove-pending-replace", old, logical: false });
      } else deletes.push({ op: old.external ? "discard" : "delete", old, logical: true });
    }
  }
  checkTargeted(run, deletes);
  return { sames, deletes };
}

/** With targets: what they name, what depends on it and what is inside it. */
function deletableUrns(run: Run): Set<Urn> | undefined {
  const { targets, base } = run;
  if (!targets.constrained) return undefined;
  const going = new Set<ResourceState>();
  for (const resource of base.resources) {
    if (!targets.has(resource.urn) || going.has(resource)) continue;
    going.add(resource);
    for (const dependent of base.dependingOn(resource, () => false, { children: true })) going.add(dependent);
  }
  return new Set([...going].map(({ urn }) => urn));
}

function checkTargeted(run: Run, deletes: readonly Step[]): void {
  if (run.context.options.targetDependents) return;
  const strays = deletes.map((step) => resourceOf(step).urn).filter((urn) => !run.targets.has(urn));
  for (const urn of strays) {
    run.error(
      `Resource '${urn}' will be destroyed but was not specified in --target list.\n` +
        "Either include resource in --target list or pass --target-dependents to proceed.",
      urn,
    );
  }
  if (strays.length === 0 || run.dryRun) return;
  run.stop();
  throw new DeploymentStopped();
}

/** Each delete starts as soon as everything that needs the resource is gone; what a protected resource needs stays. */
async function runDeletes(run: Run, deletes: readonly Step[]): Promise<void> {
  const stepOf = new Map(deletes.map((step) => [resourceOf(step), step]));
  const freed = new Map<ResourceState, ResourceState[]>();
  const waitsFor = new Map<ResourceState, number>();
  for (const resource of stepOf.keys()) {
    for (const need of run.base.needsOf(resource)) {
      if (!stepOf.has(need)) continue;
      append(freed, resource, need);
      waitsFor.set(need, (waitsFor.get(need) ?? 0) + 1);
    }
  }
  const running: Promise<void>[] = [];
  const start = async (resource: ResourceState, step: Step): Promise<void> => {
    try {
      await runSteps(run, [step]);
    } catch (error) {
      if (error instanceof ProtectedError || error instanceof DeploymentStopped) return;
      throw error;
    }
    for (const need of freed.get(resource) ?? []) {
      const left = (waitsFor.get(need) ?? 0) - 1;
      waitsFor.set(need, left);
      const next = stepOf.get(need);
      if (left === 0 && next) running.push(start(need, next));
    }
  };
  // Latest first, so that with one slot the order is the reverse of the state's.
  for (const [resource, step] of [...stepOf].reverse()) {
    if (!waitsFor.get(resource)) running.push(start(resource, step));
  }
  for (let next = running.shift(); next; next = running.shift()) await next;
  run.checkStopped();
}
