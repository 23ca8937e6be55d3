/** Programs to run against a small cloud in memory, and what becomes of them. */
import type {
  DeploymentContext,
  DeploymentOptions,
  HookCall,
  ReadGoal,
} from "../../../engine/deploy/context";
import { Deployment } from "../../../engine/deploy/deployment";
import { destroy, refresh } from "../../../engine/deploy/destroy";
import { emptyGoal } from "../../../engine/deploy/empty-goal";
import { MemoryJournal } from "../../../engine/deploy/memory-journal";
import { isDefaultProvider, makeUrn, nameOf } from "../../../engine/deploy/urn";
import type { EngineEvent, Goal, PendingOperation, PolicyPack, ResourceState } from "../../../engine/model";
import type { Properties, Value } from "../../../engine/values";
import { isObject } from "../../../engine/values";
import { FakeCloud } from "./fake-cloud";

export const TYPE = "fake:index:R";
export const COMPONENT = "app:index:C";
export const STACK_URN = makeUrn("dev", "proj", undefined, "pulumi:pulumi:Stack", "proj-dev");
export const urn = (name: string, type = TYPE, parent?: string): string =>
  makeUrn("dev", "proj", parent, type, name);
export const DEFAULT_PROVIDER = urn("default", "pulumi:providers:fake");

export interface Registered {
  urn: string;
  id: string;
  outputs: Properties;
  unknown: boolean;
}
export type ResourceOptions = Partial<Omit<Goal, "name" | "dependencies">> & { dependsOn?: Registered[] };

/** What a test's program calls. */
export class Program {
  constructor(readonly deployment: Deployment) {}

  /** A resource; inputs that are `Registered` become the ID of that resource, with a property dependency. */
  async resource(
    name: string,
    given: Record<string, Value | Registered> = {},
    options: ResourceOptions = {},
  ): Promise<Registered> {
    const { dependsOn = [], ...rest } = options;
    const inputs: Properties = {};
    const propertyDependencies: Record<string, string[]> = {};
    const dependencies = new Set(dependsOn.map((dependency) => dependency.urn));
    for (const [key, value] of Object.entries(given)) {
      propertyDependencies[key] = [];
      if (isRegistered(value)) {
        inputs[key] = value.id === "" ? UNKNOWN_ID : value.id;
        propertyDependencies[key] = [value.urn];
        dependencies.add(value.urn);
      } else inputs[key] = value;
    }
    const goal: Goal = {
      ...emptyGoal(),
      type: TYPE,
      name,
      custom: true,
      inputs,
      propertyDependencies,
      ...rest,
      dependencies: [...dependencies],
    };
    const { object, ...result } = await this.deployment.registerResource(goal);
    return { ...result, outputs: object };
  }

  component(name: string, options: ResourceOptions = {}): Promise<Registered> {
    return this.resource(name, {}, { type: COMPONENT, custom: false, ...options });
  }

  stack(): Promise<Registered> {
    return this.resource("proj-dev", {}, { type: "pulumi:pulumi:Stack", custom: false });
  }

  outputs(resource: Registered, outputs: Properties): Promise<void> {
    return this.deployment.registerResourceOutputs(resource.urn, outputs);
  }

  async read(name: string, id: string, goal: Partial<ReadGoal> = {}): Promise<Registered> {
    const request = {
      type: TYPE,
      name,
      id,
      inputs: {},
      dependencies: [],
      version: "",
      pluginDownloadURL: "",
    };
    const { object, ...result } = await this.deployment.readResource({
      ...request,
      additionalSecretOutputs: [],
      ...goal,
    });
    return { ...result, id, outputs: object, unknown: false };
  }
}

const UNKNOWN_ID = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const isRegistered = (value: Value | Registered): value is Registered =>
  isObject(value as Value) && "urn" in (value as object) && "outputs" in (value as object);

export interface Scenario {
  cloud?: FakeCloud;
  base?: readonly ResourceState[];
  pending?: PendingOperation[];
  options?: Partial<DeploymentOptions>;
  packs?: PolicyPack[];
  config?: Record<string, string>;
  secretKeys?: string[];
  versions?: Record<string, string>;
  hooks?: (name: string, call: HookCall) => Promise<void>;
  stacks?: Record<string, Properties>;
  signal?: AbortSignal;
  /** Given each event itself, and not a copy. */
  onEvent?: (event: EngineEvent) => void;
  /** How the program ended. */
  error?: string;
  journal?: MemoryJournal;
}

export interface Outcome {
  result: "succeeded" | "failed" | "canceled";
  changes: Record<string, number>;
  events: EngineEvent[];
  journal: MemoryJournal;
  /** The resources left, in file order. */
  state: ResourceState[];
  cloud: FakeCloud;
  /** Steps begun but for the default providers': "create a". */
  steps: string[];
  /** Diagnostics of severity error, but for the last, which says that the update failed. */
  errors: string[];
  warnings: string[];
}

/** Runs a program against what an earlier outcome left (or nothing). What the program throws is the test's failure. */
export async function up(
  program: (program: Program) => Promise<unknown>,
  scenario: Scenario = {},
): Promise<Outcome> {
  return perform(scenario, async (context) => {
    const deployment = new Deployment(context);
    await deployment.start();
    await program(new Program(deployment)).catch((error: unknown) => {
      if (!(error instanceof Error && error.name === "DeploymentStopped")) throw error;
    });
    return deployment.finish(scenario.error);
  });
}

export const preview: typeof up = (program, scenario = {}) =>
  up(program, { ...scenario, options: { ...scenario.options, dryRun: true } });

export const down = (scenario: Scenario): Promise<Outcome> => perform(scenario, destroy);
export const refreshed = (scenario: Scenario): Promise<Outcome> => perform(scenario, refresh);

async function perform(
  scenario: Scenario,
  run: (context: DeploymentContext) => Promise<{ result: Outcome["result"]; changes: object }>,
): Promise<Outcome> {
  const cloud = scenario.cloud ?? new FakeCloud();
  const events: EngineEvent[] = [];
  const journal = scenario.journal ?? new MemoryJournal(scenario.base ?? [], scenario.pending ?? []);
  const { result, changes } = await run({
    project: "proj",
    stack: "dev",
    organization: "organization",
    config: new Map(Object.entries(scenario.config ?? {})),
    configSecretKeys: new Set(scenario.secretKeys ?? []),
    providers: cloud,
    packs: scenario.packs ?? [],
    journal,
    events: (event) => {
      scenario.onEvent?.(event);
      events.push(structuredClone(event));
    },
    signal: scenario.signal ?? new AbortController().signal,
    options: {
      dryRun: false,
      parallel: 10,
      targets: [],
      targetDependents: false,
      replaceTargets: [],
      refresh: false,
      ...scenario.options,
    },
    hooks: { run: scenario.hooks ?? (() => Promise.reject(new Error("no hook was registered"))) },
    pluginVersions: new Map(Object.entries(scenario.versions ?? {})),
    readStackOutputs: async (name) => {
      const outputs = scenario.stacks?.[name];
      if (!outputs) throw new Error(`unknown stack "${name}"`);
      return outputs;
    },
  });
  const diagnostics = events.flatMap((event) => (event.kind === "diagnostic" ? [event] : []));
  return {
    result,
    changes: { ...changes },
    events,
    journal,
    state: journal.resources(),
    cloud,
    steps: events.flatMap((event) =>
      event.kind === "resource-pre" && !event.step.internal
        ? [`${event.step.op} ${nameOf(event.step.urn)}`]
        : [],
    ),
    errors: diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message),
    warnings: diagnostics.filter(({ severity }) => severity === "warning").map(({ message }) => message),
  };
}

/** A promise and what resolves it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** The state but for default providers, in file order: name, ID and marks. */
export function listed(state: readonly ResourceState[]): string[] {
  return state
    .filter((resource) => !isDefaultProvider(resource.urn))
    .map(({ urn: resourceUrn, id, delete: gone, pendingReplacement, external }) => {
      const marks = [gone && "delete", pendingReplacement && "pending", external && "external"];
      return [nameOf(resourceUrn), ...(id === undefined ? [] : [id]), ...marks.filter(Boolean)].join(" ");
    });
}

export function find(state: readonly ResourceState[], name: string): ResourceState {
  const found = state.find((resource) => nameOf(resource.urn) === name);
  if (!found) throw new Error(`${name} is not in the state`);
  return found;
}

/** What must hold of any state file, whenever a process dies. Undefined when it does. */
export function fault(state: readonly ResourceState[]): string | undefined {
  const seen = new Set<string>();
  const live = new Set<string>();
  const providers = new Set<string>();
  for (const resource of state) {
    const { urn: own, provider } = resource;
    if (!resource.delete) {
      if (live.has(own)) return `two live resources ${own}`;
      live.add(own);
    }
    if (provider !== undefined && !providers.has(provider) && !resource.pendingReplacement) {
      return `${own} before its provider ${provider}`;
    }
    const references = [
      ...(resource.parent === undefined ? [] : [resource.parent]),
      ...(resource.dependencies ?? []),
      ...Object.values(resource.propertyDependencies ?? {}).flat(),
      ...(resource.deletedWith === undefined ? [] : [resource.deletedWith]),
      ...(resource.replaceWith ?? []),
    ];
    const missing = references.find((reference) => !seen.has(reference));
    if (missing !== undefined) return `${own} before ${missing}`;
    seen.add(own);
    if (resource.type.startsWith("pulumi:providers:")) providers.add(`${own}::${resource.id}`);
  }
  return undefined;
}
