/** Who depends on whom, by the state that the update started from. */
import type { ResourceState, Urn } from "../model";
import { splitReference } from "./urn";

/** Every URN that a resource refers to, but its parent's; some more than once. */
export function* dependencies(resource: ResourceState): Generator<Urn> {
  yield* resource.dependencies ?? [];
  for (const urns of Object.values(resource.propertyDependencies ?? {})) yield* urns;
  if (resource.deletedWith !== undefined) yield resource.deletedWith;
  yield* resource.replaceWith ?? [];
  if (resource.provider !== undefined) yield splitReference(resource.provider).urn;
}

/** `dependencies` and the parent. */
export function* references(resource: ResourceState): Generator<Urn> {
  if (resource.parent !== undefined) yield resource.parent;
  yield* dependencies(resource);
}

/**
 * The resources of a stack in file order, in which each follows everything it refers to. A URN may occur more than once: at most one
 * of its resources is not marked `delete`.
 */
export class ResourceGraph {
  /** The one live resource of each URN. */
  readonly live = new Map<Urn, ResourceState>();
  private readonly all = new Map<Urn, ResourceState[]>();
  private readonly position = new Map<ResourceState, number>();
  private dependents: Map<Urn, ResourceState[]> | undefined;
  private children: Map<Urn, ResourceState[]> | undefined;

  constructor(readonly resources: readonly ResourceState[]) {
    resources.forEach((resource, index) => {
      this.position.set(resource, index);
      append(this.all, resource.urn, resource);
      if (!resource.delete) this.live.set(resource.urn, resource);
    });
  }

  /** All resources of a URN, those marked `delete` included. */
  withUrn(urn: Urn): readonly ResourceState[] {
    return this.all.get(urn) ?? [];
  }

  has(resource: ResourceState): boolean {
    return this.position.has(resource);
  }

  positionOf(resource: ResourceState): number {
    return this.position.get(resource) ?? -1;
  }

  /** What refers directly to a URN, other than as to its parent. */
  dependentsOf(urn: Urn): readonly ResourceState[] {
    if (!this.dependents) {
      this.dependents = new Map();
      for (const resource of this.resources) {
        for (const target of new Set(dependencies(resource))) append(this.dependents, target, resource);
      }
    }
    return this.dependents.get(urn) ?? [];
  }

  childrenOf(urn: Urn): readonly ResourceState[] {
    if (!this.children) {
      this.children = new Map();
      for (const resource of this.resources) {
        if (resource.parent !== undefined) append(this.children, resource.parent, resource);
      }
    }
    return this.children.get(urn) ?? [];
  }

  /**
   * Everything after `root` that depends on it, directly or not, in file order; `ignore` names URNs that are left out, with
   * what depends on them only.
   */
  dependingOn(
    root: ResourceState,
    ignore: (urn: Urn) => boolean,
    options: { children: boolean },
  ): ResourceState[] {
    const found = new Set<ResourceState>();
    const frontier: { urn: Urn; position: number }[] = [{ urn: root.urn, position: this.positionOf(root) }];
    for (let next = frontier.pop(); next; next = frontier.pop()) {
      const candidates = [
        ...this.dependentsOf(next.urn),
        ...(options.children ? this.childrenOf(next.urn) : []),
      ];
      for (const candidate of candidates) {
        const position = this.positionOf(candidate);
        if (position <= next.position || found.has(candidate) || ignore(candidate.urn)) continue;
        found.add(candidate);
        frontier.push({ urn: candidate.urn, position });
      }
    }
    return [...found].sort((a, b) => this.positionOf(a) - this.positionOf(b));
  }

  /** The earlier resources that `resource` needs: those it refers to, and what is inside those of them that are components. */
  needsOf(resource: ResourceState): Set<ResourceState> {
    const position = this.positionOf(resource);
    const needs = new Set<ResourceState>();
    const addChildren = (urn: Urn): void => {
      for (const child of this.childrenOf(urn)) {
        if (this.positionOf(child) >= position || needs.has(child)) continue;
        needs.add(child);
        addChildren(child.urn);
      }
    };
    for (const urn of new Set(dependencies(resource))) {
      for (const candidate of this.withUrn(urn)) {
        if (this.positionOf(candidate) >= position) continue;
        needs.add(candidate);
        if (!candidate.custom) addChildren(urn);
      }
    }
    for (const parent of resource.parent === undefined ? [] : this.withUrn(resource.parent)) {
      if (this.positionOf(parent) < position) needs.add(parent);
    }
    return needs;
  }
}

export function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
