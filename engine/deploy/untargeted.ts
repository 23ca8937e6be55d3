/** What becomes of what `--target` leaves out. */
import type { ResourceState } from "../model";
import type { Candidate, Plan } from "./generator";
import { references } from "./graph";
import type { Run } from "./run";
import type { Step } from "./step";

/** A registered resource that is no target: a new one is not created, an old one stays as it is, with all that it refers to. */
export function planUntargeted(run: Run, { urn, old, state }: Candidate): Plan {
  if (!old) {
    run.skipped.add(urn);
    state.outputs = {};
    return { steps: [{ op: "same", new: state, mode: "skipped", logical: true }], state, unknown: true };
  }
  if (old.provider !== undefined && !run.registry.get(old.provider)) {
    throw new Error(
      `provider ${old.provider} for resource ${urn} has not been registered yet, this is due to a change of providers mixed ` +
        "with --target. Change your program back to the original providers",
    );
  }
  const steps: Step[] = [];
  keepWithDependencies(run, old, steps);
  run.operated.add(urn);
  return { steps, state: run.kept.get(old) ?? old };
}

/** The file order needs what a kept resource refers to before it, also what the program no longer has. */
export function keepWithDependencies(run: Run, old: ResourceState, steps: Step[]): void {
  if (old.delete || run.kept.has(old)) return;
  run.urns.add(old.urn);
  run.operated.add(old.urn);
  for (const urn of references(old)) {
    if (run.isDecided(run.renamedTo.get(urn) ?? urn)) continue;
    const dependency = run.base.live.get(urn);
    if (dependency) keepWithDependencies(run, dependency, steps);
  }
  const state = { ...old };
  run.kept.set(old, state);
  steps.push({ op: "same", old, new: state, mode: "untargeted", logical: true });
}

/**
 * Nothing may depend on a new resource that the targets leave out. A preview tells of all that do; an update stops.
 * @throws DeploymentStopped
 */
export function checkSkipped(run: Run, steps: readonly Step[]): void {
  if (run.skipped.size === 0) return;
  for (const { new: state, mode } of steps) {
    if (!state || mode === "skipped") continue;
    const missing = [...references(state)].find((urn) => run.skipped.has(urn));
    if (missing === undefined) continue;
    const message = `Resource '${state.urn}' depends on '${missing}' which was not specified in --target list.`;
    if (!run.dryRun) run.abort(message, state.urn);
    run.error(message, state.urn);
    run.skipped.delete(missing);
  }
}
