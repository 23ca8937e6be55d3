/** What a deployment is given and what it answers: the contract between the core, its hosts and the command line. */
import type {
  EventSink,
  PolicyPack,
  ProviderHost,
  ProviderReference,
  StateJournal,
  StepOp,
  Urn,
} from "../model";
import type { Properties } from "../values";

export interface DeploymentOptions {
  /** A preview: nothing is created, changed, deleted or (given a `MemoryJournal`) saved. */
  dryRun: boolean;
  /** How many resource operations run at a time, at least 1. */
  parallel: number;
  /** URNs or globs (`*` within a name, `**` across); empty means everything. */
  targets: string[];
  /** With `targets`: what depends on a target is a target too. */
  targetDependents: boolean;
  /** URNs or globs of what is replaced whatever the diff says (`--replace`; `--target-replace` gives it in `targets` too). */
  replaceTargets: string[];
  /** Read every resource from its provider before the program runs. */
  refresh: boolean;
}

/** Everything the core knows of the world outside. */
export interface DeploymentContext {
  project: string;
  stack: string;
  organization: string;
  /** Keys `namespace:name`, values decrypted, objects as JSON text. */
  config: ReadonlyMap<string, string>;
  /** The keys of `config` that hold a secret. */
  configSecretKeys: ReadonlySet<string>;
  providers: ProviderHost;
  /** Loaded and configured. Not asked by `refresh` and `destroy`. */
  packs: PolicyPack[];
  journal: StateJournal;
  events: EventSink;
  /** Aborted: nothing new starts, what runs is asked to cancel and awaited. */
  signal: AbortSignal;
  options: DeploymentOptions;
  hooks: HookRunner;
  /** Package name → version, for requests that name none. */
  pluginVersions: ReadonlyMap<string, string>;
  /** Outputs of another stack by its full name `organization/project/stack`, secrets wrapped; undefined where they are not known, rejects when there is none. */
  readStackOutputs(name: string): Promise<Properties | undefined>;
}

export type HookPoint =
  "BeforeCreate" | "AfterCreate" | "BeforeUpdate" | "AfterUpdate" | "BeforeDelete" | "AfterDelete";

/** What a resource hook is told (pulumirpc.ResourceHookRequest). */
export interface HookCall {
  urn: Urn;
  /** "" while the resource has none. */
  id: string;
  name: string;
  type: string;
  newInputs?: Properties;
  oldInputs?: Properties;
  newOutputs?: Properties;
  oldOutputs?: Properties;
}

/** Calls the program's resource hooks. */
export interface HookRunner {
  /**
   * Runs the hook registered as `name`. Resolves when it ended well, when it is not meant for this (dry) run, or when it
   * failed and asks to ignore that (the runner warns); rejects with the hook's error otherwise, and when no such hook exists.
   */
  run(name: string, call: HookCall): Promise<void>;
}

/** What a program asked for with ReadResource, decoded. */
export interface ReadGoal {
  type: string;
  name: string;
  id: string;
  parent?: Urn;
  inputs: Properties;
  dependencies: Urn[];
  provider?: ProviderReference;
  version: string;
  pluginDownloadURL: string;
  additionalSecretOutputs: string[];
  sourcePosition?: string;
  stackTrace?: { sourcePosition?: string }[];
}

/** What a program asked for with Invoke, decoded. */
export interface InvokeGoal {
  /** `package:module:function`. */
  token: string;
  args: Properties;
  provider?: ProviderReference;
  version: string;
  pluginDownloadURL: string;
}

export interface RegisterResult {
  urn: Urn;
  /** "" while unknown (previews) and for components. */
  id: string;
  /** Outputs, secrets wrapped, unknowns kept; {} for components. */
  object: Properties;
  /** True for a resource that `targets` left out before it ever existed. */
  unknown: boolean;
}

export interface InvokeResult {
  result: Properties;
  failures: { property: string; reason: string }[];
}

export interface DeploymentResult {
  result: "succeeded" | "failed" | "canceled";
  /** Logical steps by operation, `same` included, default providers not. */
  changes: Partial<Record<StepOp, number>>;
  durationMs: number;
}

/**
 * The deployment has failed or was canceled and takes nothing more; why is among the events already. The monitor answers
 * gRPC UNAVAILABLE, at which the SDK ends the program without a word.
 */
export class DeploymentStopped extends Error {
  constructor() {
    super("the deployment has stopped");
    this.name = "DeploymentStopped";
  }
}

/**
 * A provider's `create` or `update` rejects with this when the resource exists but did not become ready: it is saved with
 * `reasons` as its `initErrors`, and the next update tries again (pulumirpc.ErrorResourceInitFailed).
 */
export class InitError extends Error {
  constructor(
    readonly id: string,
    readonly properties: Properties,
    readonly reasons: string[],
    readonly inputs?: Properties,
  ) {
    super(reasons.join("\n"));
    this.name = "InitError";
  }
}
