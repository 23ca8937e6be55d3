/** Finds the old resource that a registration continues. */
import type { Alias, ResourceState, Urn } from "../model";
import type { Run } from "./run";
import { makeUrn, nameOf, typeOf } from "./urn";

interface Identity {
  urn: Urn;
  type: string;
  name: string;
  parent?: Urn;
}

/**
 * The old resource with this URN, or else with the first of its aliases; `alias` is the URN it had. Records the renaming, so that
 * the old one is not deleted and children find theirs.
 * @throws Error when two resources claim the same one
 */
export function findOld(
  run: Run,
  identity: Identity,
  aliases: readonly Alias[],
): { old?: ResourceState; alias?: Urn } {
  const { urn } = identity;
  const claimedBy = run.renamedTo.get(urn);
  if (claimedBy !== undefined) {
    throw new Error(
      `Duplicate resource URN '${urn}' conflicting with alias on resource with URN '${claimedBy}'`,
    );
  }
  const own = run.base.live.get(urn);
  if (own) return { old: own };
  for (const alias of aliasUrns(run, identity, aliases)) {
    const old = run.base.live.get(alias);
    if (!old) continue;
    const other = run.urns.has(alias) ? alias : run.renamedTo.get(alias);
    if (other !== undefined) {
      throw new Error(
        `Duplicate resource alias '${alias}' applied to resource with URN '${urn}' conflicting with resource with URN '${other}'`,
      );
    }
    run.renamedTo.set(alias, urn);
    run.renamedFrom.set(urn, alias);
    run.registry.alias(urn, alias);
    return { old, alias };
  }
  return {};
}

/** Its own aliases, then those that come with its parent's: the parent's old name and type in place of the new. */
function aliasUrns(run: Run, identity: Identity, aliases: readonly Alias[]): Set<Urn> {
  const own = aliases.map((alias) => aliasUrn(run, identity, alias));
  const { type, name, parent } = identity;
  const oldParent = parent === undefined ? undefined : run.renamedFrom.get(parent);
  if (parent === undefined || oldParent === undefined) return new Set(own);
  const inherited = [{ type, name }, ...own.map((urn) => ({ type: typeOf(urn), name: nameOf(urn) }))];
  const { stack, project } = run.context;
  return new Set([
    ...own,
    ...inherited.map((child) => {
      // A child named after its parent was named after the parent's old name.
      const parentName = nameOf(parent);
      const oldName = child.name.startsWith(parentName)
        ? nameOf(oldParent) + child.name.slice(parentName.length)
        : child.name;
      return makeUrn(stack, project, oldParent, child.type, oldName);
    }),
  ]);
}

function aliasUrn(run: Run, identity: Identity, alias: Alias): Urn {
  if (alias.urn !== undefined) return alias.urn;
  const asked = alias.parentUrn === undefined ? undefined : run.renamedFrom.get(alias.parentUrn);
  const parent = alias.noParent ? undefined : (asked ?? alias.parentUrn ?? identity.parent);
  return makeUrn(
    alias.stack ?? run.context.stack,
    alias.project ?? run.context.project,
    parent,
    alias.type ?? identity.type,
    alias.name ?? identity.name,
  );
}

/** The same check for every resource: a URN belongs to one registration, whose parent was registered before. */
export function claimUrn(run: Run, type: string, name: string, parent: Urn | undefined): Urn {
  if (parent !== undefined && !run.urns.has(parent)) {
    throw new Error(`could not find parent resource ${parent}`);
  }
  const urn = makeUrn(run.context.stack, run.context.project, parent, type, name);
  const old = run.base.live.get(urn);
  const isKept = old !== undefined && run.kept.has(old) && !run.goals.has(urn);
  if (run.urns.has(urn) && !isKept) {
    throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
  }
  run.urns.add(urn);
  return urn;
}
