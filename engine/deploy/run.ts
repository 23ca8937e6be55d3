/** What one deployment knows and has decided so far. */
import type { Goal, ResourceState, Severity, StepOp, Urn } from "../model";
import type { Properties } from "../values";
import { BuiltinProvider } from "./builtin";
import type { DeploymentContext } from "./context";
import { DeploymentStopped } from "./context";
import { references, ResourceGraph } from "./graph";
import type { ProviderInstance, ResourceOperations } from "./provider-instance";
import { ProviderRegistry } from "./providers";
import { SerialQueue, Slots } from "./scheduling";
import type { Step } from "./step";
import { Targets } from "./targets";
import { isProviderType, splitReference } from "./urn";

export interface DeletedAhead {
  /** The properties that ask for it. */
  keys: string[];
  /** Resolves when it is gone. */
  gone: Promise<void>;
  setGone: () => void;
}

export class Run {
  /** The state that the update starts from. */
  base: ResourceGraph;
  readonly registry: ProviderRegistry;
  readonly targets: Targets;
  readonly replaceTargets: Targets;
  readonly dryRun: boolean;
  /** Decisions are taken one at a time; steps run in parallel. */
  readonly decisions = new SerialQueue();
  readonly slots: Slots;
  readonly startedAt = performance.now();

  /** Every URN registered or read. */
  readonly urns = new Set<Urn>();
  readonly goals = new Map<Urn, Goal>();
  /** The resources of this run, as their steps end; those read apart. */
  readonly news = new Map<Urn, ResourceState>();
  readonly reads = new Map<Urn, ResourceState>();
  /** Provider resources as registered, before their steps end. */
  readonly providerStates = new Map<Urn, ResourceState>();
  /** Old URN → new URN of what an alias found, and back. */
  readonly renamedTo = new Map<Urn, Urn>();
  readonly renamedFrom = new Map<Urn, Urn>();

  /** What has been decided, by the URN that the program uses. */
  readonly created = new Set<Urn>();
  /** Old resources that are kept: same, updated, replaced, read. */
  readonly operated = new Set<Urn>();
  readonly replaced = new Set<Urn>();
  readonly imported = new Set<Urn>();
  readonly deleted = new Set<Urn>();
  /** New resources that the targets leave out. */
  readonly skipped = new Set<Urn>();
  /** Old resources deleted ahead of the replacement of something they depend on. */
  readonly deletedAhead = new Map<ResourceState, DeletedAhead>();
  /** Old resources that stay as they are since something untargeted refers to them, and what the state has for them now. */
  readonly kept = new Map<ResourceState, ResourceState>();
  /** Steps of resources whose outputs are still to be registered. */
  readonly unfinished = new Map<Urn, { step: Step; startedAt: number }>();
  stackOutputs: { urn: Urn; outputs: Properties } | undefined;

  readonly changes: Partial<Record<StepOp, number>> = {};
  /** An error was told to the user: the deployment will not succeed. */
  failed = false;
  canceled = false;
  /** Resolves when nothing new may start any more. */
  readonly stopped: Promise<void>;
  private signalStop: () => void = () => {};
  private isStopped = false;

  constructor(readonly context: DeploymentContext) {
    const { journal, options, providers, signal } = context;
    this.dryRun = options.dryRun;
    this.base = new ResourceGraph(journal.base);
    this.targets = new Targets(options.targets);
    this.replaceTargets = new Targets(options.replaceTargets);
    this.slots = new Slots(options.parallel);
    this.stopped = new Promise((resolve) => (this.signalStop = resolve));
    const builtin = new BuiltinProvider({
      readStackOutputs: (name) => context.readStackOutputs(name),
      findResource: (urn) => this.news.get(urn) ?? this.reads.get(urn),
    });
    this.registry = new ProviderRegistry(providers, builtin, this.dryRun, (message, urn) =>
      this.diagnose("warning", message, urn),
    );
    if (signal.aborted) this.cancel();
    else signal.addEventListener("abort", () => this.cancel(), { once: true });
  }

  diagnose(severity: Severity, message: string, urn?: Urn): void {
    this.context.events({ kind: "diagnostic", severity, message, ...(urn !== undefined && { urn }) });
  }

  /** Tells the user what is wrong; the deployment goes on, to be called failed in the end. */
  error(message: string, urn?: Urn): void {
    this.failed = true;
    this.diagnose("error", message, urn);
  }

  /** Nothing new starts from now on; what runs is finished and saved. */
  stop(): void {
    this.isStopped = true;
    this.signalStop();
  }

  /** Tells the user what is wrong and stops. @throws DeploymentStopped */
  abort(message: string, urn?: Urn): never {
    this.error(message, urn);
    this.stop();
    throw new DeploymentStopped();
  }

  /** @throws DeploymentStopped once it has. */
  checkStopped(): void {
    if (this.isStopped) throw new DeploymentStopped();
  }

  private cancel(): void {
    this.canceled = true;
    this.stop();
    this.context.providers.cancelAll().catch((error: unknown) => {
      this.diagnose("warning", `a provider could not be told to cancel: ${messageOf(error)}`);
    });
  }

  /** Runs `task` alone; what goes wrong in it is told and stops the deployment. @throws DeploymentStopped */
  decide<T>(urn: Urn | undefined, task: () => Promise<T>): Promise<T> {
    return this.decisions.run(async () => {
      this.checkStopped();
      try {
        return await task();
      } catch (error) {
        if (error instanceof DeploymentStopped) throw error;
        return this.abort(messageOf(error), urn);
      }
    });
  }

  /** Who does what steps do with a resource; undefined for a component. */
  operationsOf(resource: ResourceState): ResourceOperations | undefined {
    if (!resource.custom) return undefined;
    if (isProviderType(resource.type)) return this.registry;
    const instance = resource.provider && this.registry.get(resource.provider);
    if (!instance) throw new Error(`unknown provider '${resource.provider}' for resource '${resource.urn}'`);
    return instance;
  }

  /** The provider of an old resource, started from the state unless the program has registered it. */
  async ensureProvider(reference: string): Promise<ProviderInstance> {
    return this.registry.ensure(reference, (urn, id) =>
      this.base.withUrn(urn).find((resource) => resource.id === id),
    );
  }

  /** The provider resource that a reference names, as registered or as the state has it. */
  providerResource(reference: string): ResourceState | undefined {
    const { urn, id } = splitReference(reference);
    return this.providerStates.get(urn) ?? this.base.withUrn(urn).find((old) => old.id === id);
  }

  isReplaceTarget(urn: Urn, old: ResourceState | undefined): boolean {
    return (this.replaceTargets.constrained && this.replaceTargets.has(urn)) || old?.taint === true;
  }

  /** Whether a resource is a target, or with `targetDependents` depends on one. */
  isTargeted(resource: ResourceState): boolean {
    if (this.targets.has(resource.urn)) return true;
    if (!this.context.options.targetDependents) return false;
    return [...references(resource)].some((urn) => this.targets.has(urn));
  }

  /** Whether an old resource, by the URN in the state, was operated on. */
  isOperated(urn: Urn): boolean {
    return this.operated.has(this.renamedTo.get(urn) ?? urn);
  }

  /** Whether anything was decided on a URN. */
  isDecided(urn: Urn): boolean {
    return this.operated.has(urn) || this.created.has(urn) || this.deleted.has(urn);
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
