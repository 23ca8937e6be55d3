/**
 * The words that the engine's rooms share: types only, no code. Field names are Pulumi's own (checkpoint v3,
 * sdk/go/common/apitype/core.go), so a `ResourceState` is what the state file holds, with its secrets decrypted.
 */
import type { Properties, Value } from "./values";

export type Urn = string;
/** "urn::id" of a provider resource. */
export type ProviderReference = string;

/** A resource as the state file has it. Optional fields are absent, never undefined, when unset. */
export interface ResourceState {
  urn: Urn;
  custom: boolean;
  /** Replaced already, to be deleted at the end of the update. */
  delete?: boolean;
  id?: string;
  type: string;
  inputs?: Properties;
  outputs?: Properties;
  parent?: Urn;
  protect?: boolean;
  taint?: boolean;
  external?: boolean;
  dependencies?: Urn[];
  initErrors?: string[];
  provider?: ProviderReference;
  propertyDependencies?: Record<string, Urn[]>;
  /** Deleted ahead of its re-creation; stays until the create succeeded. */
  pendingReplacement?: boolean;
  additionalSecretOutputs?: string[];
  customTimeouts?: CustomTimeouts;
  importID?: string;
  retainOnDelete?: boolean;
  deletedWith?: Urn;
  replaceWith?: Urn[];
  created?: string;
  modified?: string;
  sourcePosition?: string;
  stackTrace?: { sourcePosition?: string }[];
  ignoreChanges?: string[];
  hideDiff?: string[];
  replaceOnChanges?: string[];
  replacementTrigger?: Value;
  refreshBeforeUpdate?: boolean;
  resourceHooks?: Record<string, string[]>;
  /**
   * The URN this resource had before this update, when an alias found it. A journal must keep it with the resource, so that a crash
   * between this rename and the re-registration of what refers to it leaves a sound state; a state file never has it: whoever
   * lists or writes resources passes them through `applyAliases` (engine/deploy/renames.ts) first.
   */
  aliases?: Urn[];
}

/** Seconds; 0 or absent means the provider's own default. */
export interface CustomTimeouts {
  create?: number;
  update?: number;
  delete?: number;
  read?: number;
}

export type PendingOperationType = "creating" | "updating" | "deleting" | "reading" | "importing";
export interface PendingOperation {
  resource: ResourceState;
  type: PendingOperationType;
}

export interface Alias {
  urn?: Urn;
  name?: string;
  type?: string;
  stack?: string;
  project?: string;
  parentUrn?: Urn;
  noParent?: boolean;
}

/** What a program asked for with RegisterResource, decoded: secrets and unknowns are still inside `inputs`. */
export interface Goal {
  type: string;
  name: string;
  custom: boolean;
  parent?: Urn;
  inputs: Properties;
  dependencies: Urn[];
  propertyDependencies: Record<string, Urn[]>;
  /** Reference to an explicit provider; the registrar resolves it (and default providers) before step generation. */
  provider?: ProviderReference;
  /** By package name; components hand these to their children. */
  providers: Record<string, ProviderReference>;
  version: string;
  pluginDownloadURL: string;
  protect?: boolean;
  retainOnDelete?: boolean;
  deleteBeforeReplace?: boolean;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  additionalSecretOutputs: string[];
  aliases: Alias[];
  importId?: string;
  customTimeouts: CustomTimeouts;
  deletedWith?: Urn;
  replaceWith: Urn[];
  replacementTrigger?: Value;
  hideDiff: string[];
  /** Hook names by point, as the state has them ("BeforeCreate" …: `HookPoint` in engine/deploy/context.ts). */
  hooks: Record<string, string[]>;
  sourcePosition?: string;
  stackTrace?: { sourcePosition?: string }[];
}

// ---------------------------------------------------------------- providers

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";
export interface PropertyDiff {
  kind: DiffKind;
  inputDiff: boolean;
}
export interface DiffResult {
  /** "unknown": the provider did not say; the engine compares the inputs itself. */
  changes: "unknown" | "none" | "some";
  /** Properties whose change needs a replacement. */
  replaces: string[];
  deleteBeforeReplace: boolean;
  /** Top-level properties that differ (older providers). */
  diffs: string[];
  /** By property path, `ports[0].external`; absent when the provider gives none. */
  detailedDiff?: Record<string, PropertyDiff>;
}

export interface CheckFailure {
  property: string;
  reason: string;
}
export interface CheckResult {
  inputs: Properties;
  failures: CheckFailure[];
}

/** Which resource a call is about. */
export interface Subject {
  urn: Urn;
  type: string;
  name: string;
  /** At a check, by input, the resources that the program made it from; a plugin is not told. */
  propertyDependencies?: Record<string, Urn[]>;
}

export interface ReadResult {
  /** "" when the resource is gone. */
  id: string;
  inputs?: Properties;
  properties: Properties;
}

/**
 * A resource provider, in process (engine/providers) or behind gRPC (engine/hosts/provider-client.ts). All properties are in wire
 * form. Secrets reach it wrapped only if `acceptSecrets`; whoever calls it re-marks the outputs otherwise.
 *
 * `create` and `update` reject with `InitError` when the resource exists but did not become ready.
 */
export interface Provider {
  readonly acceptSecrets: boolean;
  readonly acceptResources: boolean;
  /** False: create and update are not called in preview; outputs are taken to be the inputs. */
  readonly supportsPreview: boolean;
  checkConfig(subject: Subject, olds: Properties, news: Properties): Promise<CheckResult>;
  diffConfig(
    subject: Subject,
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    ignoreChanges: string[],
  ): Promise<DiffResult>;
  configure(subject: Subject & { id: string }, inputs: Properties): Promise<void>;
  check(subject: Subject, olds: Properties, news: Properties, randomSeed: Buffer): Promise<CheckResult>;
  diff(
    subject: Subject & { id: string },
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    ignoreChanges: string[],
  ): Promise<DiffResult>;
  create(
    subject: Subject,
    inputs: Properties,
    timeoutSeconds: number,
    preview: boolean,
  ): Promise<{ id: string; properties: Properties; refreshBeforeUpdate?: boolean }>;
  update(
    subject: Subject & { id: string },
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    timeoutSeconds: number,
    ignoreChanges: string[],
    preview: boolean,
  ): Promise<{ properties: Properties; refreshBeforeUpdate?: boolean }>;
  delete(
    subject: Subject & { id: string },
    oldInputs: Properties,
    oldOutputs: Properties,
    timeoutSeconds: number,
  ): Promise<void>;
  read(
    subject: Subject & { id: string },
    inputs: Properties | undefined,
    state: Properties | undefined,
  ): Promise<ReadResult>;
  invoke(
    token: string,
    args: Properties,
    preview: boolean,
  ): Promise<{ result: Properties; failures: CheckFailure[] }>;
  /** Asks running operations to stop soon and cleanly. */
  cancel(): Promise<void>;
  /** Ends the provider's process, if it has one. */
  close(): Promise<void>;
}

/** What a plugin is looked up by. */
export interface PackageDescriptor {
  name: string;
  version?: string;
  pluginDownloadURL?: string;
}

/** Starts providers: one instance for each provider resource. */
export interface ProviderHost {
  load(descriptor: PackageDescriptor): Promise<Provider>;
  /** Asks every live provider to cancel what it does. */
  cancelAll(): Promise<void>;
  closeAll(): Promise<void>;
}

// ---------------------------------------------------------------- policies

export type EnforcementLevel = "advisory" | "mandatory" | "disabled" | "remediate";
export interface PolicyDiagnostic {
  policyName: string;
  policyPackName: string;
  policyPackVersion: string;
  description: string;
  message: string;
  enforcementLevel: EnforcementLevel;
  severity?: string;
  /** What to do about it, from the policy's own metadata. */
  remediationSteps?: string;
  /** The resource; the stack's URN when a stack policy names none. */
  urn: Urn;
}
export interface PolicyRemediation {
  policyName: string;
  policyPackName: string;
  policyPackVersion: string;
  description: string;
  properties?: Properties;
  diagnostic?: string;
}
/** A resource as policies see it. */
export interface AnalyzerResource {
  urn: Urn;
  type: string;
  name: string;
  properties: Properties;
  options: {
    protect: boolean;
    ignoreChanges: string[];
    deleteBeforeReplace?: boolean;
    additionalSecretOutputs: string[];
    aliases: Urn[];
    customTimeouts: CustomTimeouts;
    parent?: Urn;
  };
  provider?: Subject & { properties: Properties };
  parent?: Urn;
  dependencies?: Urn[];
  propertyDependencies?: Record<string, Urn[]>;
}
/** A loaded and configured policy pack. */
export interface PolicyPack {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  remediate(resource: AnalyzerResource): Promise<PolicyRemediation[]>;
  analyze(resource: AnalyzerResource): Promise<PolicyDiagnostic[]>;
  analyzeStack(resources: AnalyzerResource[]): Promise<PolicyDiagnostic[]>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- steps and events

export type StepOp =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "refresh"
  | "discard"
  | "discard-replaced"
  | "remove-pending-replace"
  | "import"
  | "import-replacement";

export interface StepEvent {
  op: StepOp;
  urn: Urn;
  type: string;
  old?: ResourceState;
  new?: ResourceState;
  /** Property names that force a replacement. */
  keys?: string[];
  /** Top-level property names that differ. */
  diffs?: string[];
  detailedDiff?: Record<string, PropertyDiff>;
  /** False for the halves of a replacement: they are not counted. */
  logical: boolean;
  provider: ProviderReference;
  /** Default providers: not shown and not counted. */
  internal: boolean;
}

export type Severity = "debug" | "info" | "info#err" | "warning" | "error";

/** What the deployment tells the display; the only way anything reaches a user. */
export type EngineEvent =
  | { kind: "stdout"; message: string }
  | {
      kind: "diagnostic";
      severity: Severity;
      message: string;
      urn?: Urn;
      streamId?: number;
      ephemeral?: boolean;
    }
  | { kind: "prelude"; config: Record<string, string> }
  | { kind: "resource-pre"; step: StepEvent; planning: boolean }
  | { kind: "resource-outputs"; step: StepEvent; planning: boolean; durationMs: number }
  | { kind: "resource-failed"; step: StepEvent; error: string }
  | { kind: "policy-violation"; diagnostic: PolicyDiagnostic }
  | {
      kind: "policy-remediation";
      remediation: PolicyRemediation;
      urn: Urn;
      before: Properties;
      after: Properties;
    }
  | { kind: "policy-load"; name: string; version: string; path: string }
  | {
      kind: "summary";
      preview: boolean;
      durationMs: number;
      /** Steps by operation, logical ones only; `same` included. */
      changes: Partial<Record<StepOp, number>>;
      policyPacks: Record<string, string>;
      result: "succeeded" | "failed" | "canceled";
      /** Only of an update of a stack with outputs. */
      outputs?: { old: Properties; new: Properties };
    };
export type EventSink = (event: EngineEvent) => void;

// ---------------------------------------------------------------- state

export type OperationToken = number;
/**
 * One update's hold on a stack's state. Every method is durable when it returns: a process killed at any moment leaves a
 * journal from which the next run rebuilds this very state. Resources are told apart by object identity: the objects of
 * `base`, and those put since.
 */
export interface StateJournal {
  /** What the stack held when the update began, in file order. */
  readonly base: readonly ResourceState[];
  /** Operations that an earlier run began and did not finish. */
  readonly pendingOperations: readonly PendingOperation[];
  /** Before a provider is asked to change anything. */
  begin(type: PendingOperationType, resource: ResourceState): OperationToken;
  /** Ends an operation without a change of state (it failed). */
  abandon(token: OperationToken): void;
  /** `resource` is now at the end of the list; `replaces` (if any) has left it. */
  put(resource: ResourceState, replaces?: ResourceState, token?: OperationToken): void;
  /** `resource` has left the list. */
  drop(resource: ResourceState, token?: OperationToken): void;
  /** Fields of a resource already in the list were changed in place (delete, pendingReplacement, outputs …). */
  touch(resource: ResourceState): void;
  /** What the list is now, in the order in which the file will have it. */
  resources(): ResourceState[];
  /** Folds the journal into the state file, checks its integrity, lets go. */
  close(): Promise<void>;
}
