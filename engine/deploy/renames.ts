/** What an alias changes in the rest of the state. */
import type { ResourceState, Urn } from "../model";
import { references } from "./graph";
import { isStackUrn, makeReference, makeUrn, nameOf, splitReference, splitUrn, typeOf } from "./urn";

/**
 * The list with every reference to a renamed resource (one with `aliases`) turned into one to its new URN, the URNs of children
 * whose parent was renamed included, and without `aliases`. Resources that do not change are the same objects, changed ones copies
 * (source: pkg/resource/deploy/snapshot.go NormalizeURNReferences).
 */
export function applyAliases(resources: readonly ResourceState[]): ResourceState[] {
  if (!resources.some((resource) => resource.aliases?.length)) return [...resources];
  const renamed = new Map<Urn, Urn>();
  for (const { urn, aliases, parent } of resources) {
    for (const alias of aliases ?? []) renamed.set(alias, urn);
    const newParent = parent === undefined ? undefined : renamed.get(parent);
    if (newParent !== undefined && !isStackUrn(newParent)) {
      const { stack, project } = splitUrn(urn);
      renamed.set(urn, makeUrn(stack, project, newParent, typeOf(urn), nameOf(urn)));
    }
  }
  const changes = (resource: ResourceState): boolean =>
    resource.aliases !== undefined ||
    renamed.has(resource.urn) ||
    [...references(resource)].some((urn) => renamed.has(urn));
  return resources.map((resource) =>
    changes(resource) ? rename(resource, (urn) => renamed.get(urn) ?? urn) : resource,
  );
}

function rename(resource: ResourceState, fix: (urn: Urn) => Urn): ResourceState {
  const copy = { ...resource };
  delete copy.aliases;
  copy.urn = fix(copy.urn);
  if (copy.parent !== undefined) copy.parent = fix(copy.parent);
  if (copy.dependencies) copy.dependencies = copy.dependencies.map(fix);
  if (copy.propertyDependencies) {
    copy.propertyDependencies = Object.fromEntries(
      Object.entries(copy.propertyDependencies).map(([key, urns]) => [key, urns.map(fix)]),
    );
  }
  if (copy.deletedWith !== undefined) copy.deletedWith = fix(copy.deletedWith);
  if (copy.replaceWith) copy.replaceWith = copy.replaceWith.map(fix);
  if (copy.provider !== undefined) {
    const { urn, id } = splitReference(copy.provider);
    copy.provider = makeReference(fix(urn), id);
  }
  return copy;
}
