/** How a resource is replaced: by default after its successor was made, or else before, with what cannot outlive it. */
import type { DiffResult, ResourceState } from "../model";
import type { Properties } from "../values";
import { UNKNOWN } from "../values";
import { checkInputs } from "./check";
import { applyReplaceOnChanges, isReplacement } from "./diff";
import type { Candidate, Plan } from "./generator";
import { remediate } from "./policies";
import { subjectOf } from "./provider-instance";
import type { Run } from "./run";
import type { Step } from "./step";
import { isProviderType, splitReference } from "./urn";

export async function planReplacement(
  run: Run,
  candidate: Candidate,
  old: ResourceState,
  diff: DiffResult,
): Promise<Plan> {
  const { goal, urn, state } = candidate;
  if (state.protect && old.protect) {
    const message =
      `unable to replace resource "${urn}"\nas it is currently marked for protection. To unprotect the resource, remove the ` +
      "`protect` flag from the resource in your Pulumi program and run `pulumi up`";
    if (run.dryRun) run.error(message, urn);
    else run.abort(message, urn);
  }
  if (goal.importId !== undefined) {
    const message =
      "previously-imported resources that still specify an ID may not be replaced; please remove the `import` declaration " +
      `from your program; changed: ${diff.replaces.join(", ")}`;
    if (run.dryRun) run.diagnose("warning", message, urn);
    else throw new Error(message);
  }
  run.replaced.add(urn);
  // What the provider took over from the old resource no longer holds. A replace target was checked that way before.
  if (!run.isReplaceTarget(urn, old)) {
    await checkInputs(run, candidate, {}, goal.inputs);
    await remediate(run, goal, state, () => {});
  }

  const { replaces: keys, diffs, detailedDiff } = diff;
  const why = { keys, diffs, ...(detailedDiff && { detailedDiff }) };
  const replace: Step = { op: "replace", old, new: state, logical: true, ...why };
  const creation = { op: "create-replacement", old, new: state, logical: false, ...why } as const;
  if (!(goal.deleteBeforeReplace ?? diff.deleteBeforeReplace)) {
    return { steps: [{ ...creation, mode: "keep-old" }, replace], state };
  }
  return { steps: [...(await planDeletesAhead(run, old)), replace, creation], state };
}

async function planDeletesAhead(run: Run, root: ResourceState): Promise<Step[]> {
  const steps: Step[] = [];
  // Dependents first, the last of them first of all.
  for (const { resource, keys } of (await dependentReplacements(run, root)).reverse()) {
    let setGone = (): void => {};
    const gone = new Promise<void>((resolve) => (setGone = resolve));
    run.deletedAhead.set(resource, { keys, gone, setGone });
    run.deleted.add(resource.urn);
    if (resource.delete) steps.push({ op: "delete-replaced", old: resource, logical: false });
    else if (resource.pendingReplacement) setGone();
    else {
      if (resource.protect) {
        run.abort(
          `unable to replace resource "${resource.urn}" as part of replacing "${root.urn}" as it is currently marked for ` +
            "protection. To unprotect the resource, remove the `protect` flag from the resource in your Pulumi program and run " +
            "`pulumi up`",
          root.urn,
        );
      }
      steps.push({ op: "delete-replaced", old: resource, logical: false, mode: "ahead" });
    }
  }
  if (!root.pendingReplacement) {
    run.deleted.add(root.urn);
    steps.push({ op: "delete-replaced", old: root, logical: false, mode: "ahead" });
  }
  return steps;
}

interface Replacement {
  resource: ResourceState;
  /** The properties that ask for it. */
  keys: string[];
}

/** The old resources that cannot stay when `root` goes, in file order. */
export async function dependentReplacements(run: Run, root: ResourceState): Promise<Replacement[]> {
  // A preview may ask for what it has only just imported.
  if (!run.base.has(root)) return [];
  const replacements: Replacement[] = [];
  const going = new Set([root.urn]);
  // What was registered before the root cannot depend on it any more.
  const isDecided = (urn: string): boolean => run.isDecided(run.renamedTo.get(urn) ?? urn);
  for (const resource of run.base.dependingOn(root, isDecided, { children: false })) {
    const keys = await replacementKeys(run, resource, going);
    if (!keys) continue;
    going.add(resource.urn);
    replacements.push({ resource, keys });
  }
  return replacements;
}

/** Why a dependent must be replaced when all of `going` are; undefined when it need not. */
async function replacementKeys(
  run: Run,
  resource: ResourceState,
  going: ReadonlySet<string>,
): Promise<string[] | undefined> {
  if (resource.replaceWith?.some((urn) => going.has(urn))) return [];
  if (!resource.custom || resource.external) return undefined;
  if (resource.provider !== undefined && going.has(splitReference(resource.provider).urn)) return [];
  if (resource.deletedWith !== undefined && going.has(resource.deletedWith)) return [];

  const { inputs = {}, propertyDependencies = {} } = resource;
  const changing: Properties = { ...inputs };
  let changes = false;
  for (const key of Object.keys(inputs)) {
    if (!propertyDependencies[key]?.some((urn) => going.has(urn))) continue;
    changing[key] = UNKNOWN;
    changes = true;
  }
  if (!changes) return undefined;

  const { urn, id = "", outputs = {}, ignoreChanges = [], replaceOnChanges = [] } = resource;
  const operations = isProviderType(resource.type)
    ? run.registry
    : await run.ensureProvider(resource.provider ?? "");
  if (isProviderType(resource.type)) await run.ensureProvider(`${urn}::${id}`);
  const subject = { ...subjectOf(urn), id };
  const asked = await operations.diff(subject, inputs, outputs, changing, ignoreChanges);
  const diff = applyReplaceOnChanges(asked, replaceOnChanges, false);
  return isReplacement(diff) ? diff.replaces : undefined;
}
