/** A stack's state held in memory only: for previews and tests. */
import type {
  OperationToken,
  PendingOperation,
  PendingOperationType,
  ResourceState,
  StateJournal,
} from "../model";
import { applyAliases } from "./renames";

/**
 * Keeps nothing when the process ends. The resources of `base` are copied, so whoever gave them never sees a change.
 *
 * The list is what the update has put, in that order, then what it has left alone of the base: each resource follows what it depends
 * on, since a registration starts only after its dependencies were put.
 */
export class MemoryJournal implements StateJournal {
  readonly base: readonly ResourceState[];
  private readonly remaining: Set<ResourceState>;
  private readonly added = new Set<ResourceState>();
  private readonly operations = new Map<OperationToken, PendingOperation>();
  private nextToken = 1;

  constructor(
    base: readonly ResourceState[],
    readonly pendingOperations: readonly PendingOperation[] = [],
  ) {
    this.base = base.map((resource) => ({ ...resource }));
    this.remaining = new Set(this.base);
  }

  begin(type: PendingOperationType, resource: ResourceState): OperationToken {
    this.operations.set(this.nextToken, { resource, type });
    return this.nextToken++;
  }

  abandon(token: OperationToken): void {
    this.operations.delete(token);
  }

  put(resource: ResourceState, replaces?: ResourceState, token?: OperationToken): void {
    if (replaces) this.remove(replaces);
    this.added.add(resource);
    if (token !== undefined) this.operations.delete(token);
  }

  drop(resource: ResourceState, token?: OperationToken): void {
    this.remove(resource);
    if (token !== undefined) this.operations.delete(token);
  }

  touch(): void {}

  resources(): ResourceState[] {
    return applyAliases([...this.added, ...this.remaining]);
  }

  /** What was begun and has not ended. */
  outstanding(): PendingOperation[] {
    return [...this.operations.values()];
  }

  async close(): Promise<void> {}

  private remove(resource: ResourceState): void {
    if (!this.remaining.delete(resource) && !this.added.delete(resource)) {
      throw new Error(`${resource.urn} is not in the state`);
    }
  }
}
