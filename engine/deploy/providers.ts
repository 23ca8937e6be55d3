/** The providers of one deployment: one started instance for each provider resource. */
import { randomUUID } from "node:crypto";
import type {
  CheckResult,
  DiffResult,
  PackageDescriptor,
  Provider,
  ProviderHost,
  ProviderReference,
  ResourceState,
  Subject,
  Urn,
} from "../model";
import type { Properties } from "../values";
import { containsUnknowns, isObject, UNKNOWN } from "../values";
import { NO_CHANGE, propertiesEqual, someChange } from "./diff";
import type { CreateResult, ResourceOperations, ResourceSubject, UpdateResult } from "./provider-instance";
import { ProviderInstance, subjectOf } from "./provider-instance";
import { bare, markLikeInputs } from "./secrets";
import { makeReference, providedPackage, splitReference, typeOf } from "./urn";

/** Holds what is the engine's and not the provider's own configuration; in the state's inputs only. */
const INTERNAL = "__internal";

/** Adds to a provider resource's inputs which plugin is to serve it. */
export function withPlugin(inputs: Properties, plugin: Omit<PackageDescriptor, "name">): Properties {
  const { version, pluginDownloadURL } = plugin;
  if (version === undefined && pluginDownloadURL === undefined) return inputs;
  const internal = isObject(inputs[INTERNAL]) ? inputs[INTERNAL] : {};
  return {
    ...inputs,
    ...(version !== undefined && { version }),
    [INTERNAL]: { ...internal, ...(pluginDownloadURL !== undefined && { pluginDownloadURL }) },
  };
}

function pluginOf(urn: Urn, inputs: Properties): PackageDescriptor {
  const name = providedPackage(typeOf(urn));
  // States of old engines have no __internal; then the settings are among the configuration.
  const internal = isObject(inputs[INTERNAL]) ? inputs[INTERNAL] : inputs;
  if (internal["parameterization"] !== undefined) {
    throw new Error(
      `provider ${name} is a parameterized one, which this engine does not support; use the Pulumi CLI`,
    );
  }
  const { version } = inputs;
  const { pluginDownloadURL } = internal;
  return {
    name,
    ...(typeof version === "string" && { version }),
    ...(typeof pluginDownloadURL === "string" && { pluginDownloadURL }),
  };
}

/** A provider resource's inputs without what is the engine's. */
export function configurationOf(inputs: Properties): Properties {
  const configuration = { ...inputs };
  delete configuration[INTERNAL];
  return configuration;
}

/**
 * Starts, configures and ends providers as their resources are checked, created, updated and deleted
 * (source: pkg/resource/deploy/providers/registry.go).
 */
export class ProviderRegistry implements ResourceOperations {
  /** Checked and not yet configured. */
  private readonly checked = new Map<Urn, Provider>();
  private readonly instances = new Map<ProviderReference, ProviderInstance>();
  private readonly loading = new Map<ProviderReference, Promise<ProviderInstance>>();
  /** New URN → the one it had in the state. */
  private readonly aliases = new Map<Urn, Urn>();

  constructor(
    private readonly host: ProviderHost,
    private readonly builtin: Provider,
    private readonly preview: boolean,
    private readonly warn: (message: string, urn: Urn) => void,
  ) {}

  get(reference: ProviderReference): ProviderInstance | undefined {
    return this.instances.get(reference);
  }

  /** From now on a provider can be found by the reference that old state has of it, too. */
  alias(urn: Urn, oldUrn: Urn): void {
    this.aliases.set(urn, oldUrn);
  }

  /** The provider `reference` names; one that the program has not registered is started as `find` finds it in the state. */
  async ensure(
    reference: ProviderReference,
    find: (urn: Urn, id: string) => ResourceState | undefined,
  ): Promise<ProviderInstance> {
    const known = this.instances.get(reference) ?? this.loading.get(reference);
    if (known) return known;
    const { urn, id } = splitReference(reference);
    const resource = find(urn, id);
    if (!resource) throw new Error(`could not find provider ${reference}`);
    const loading = this.load(urn, id, resource.inputs ?? {});
    this.loading.set(reference, loading);
    return loading;
  }

  private async load(urn: Urn, id: string, inputs: Properties): Promise<ProviderInstance> {
    const provider = await this.start(urn, inputs);
    const instance = await this.configure(provider, urn, id, inputs);
    const registered = this.get(makeReference(urn, id));
    if (registered) {
      await provider.close();
      return registered;
    }
    this.instances.set(makeReference(urn, id), instance);
    return instance;
  }

  async check(subject: Subject, olds: Properties, news: Properties): Promise<CheckResult> {
    await this.discard(subject.urn);
    const provider = await this.start(subject.urn, news);
    const configuration = configurationOf(news);
    const result = await provider.checkConfig(subject, bare(configurationOf(olds)), bare(configuration));
    if (result.failures.length > 0) {
      await provider.close();
      return result;
    }
    this.checked.set(subject.urn, provider);
    const inputs = { ...markLikeInputs(result.inputs, configuration) };
    for (const key of ["version", INTERNAL]) {
      const value = news[key];
      if (value !== undefined) inputs[key] = value;
    }
    return { inputs, failures: [] };
  }

  async diff(
    subject: ResourceSubject,
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    ignoreChanges: string[],
  ): Promise<DiffResult> {
    const provider =
      this.checked.get(subject.urn) ?? this.get(makeReference(subject.urn, subject.id))?.provider;
    if (!provider) throw new Error(`provider ${subject.urn} was not checked`);
    return this.diffConfig(provider, subject, oldInputs, oldOutputs, news, ignoreChanges);
  }

  /** Whether resources must be replaced when they go from one provider resource to another; the new one is asked. */
  async diffBetween(
    reference: ProviderReference,
    oldProvider: ResourceState,
    newInputs: Properties,
  ): Promise<DiffResult> {
    const instance = this.get(reference);
    if (!instance) throw new Error(`provider ${reference} is not registered`);
    const { inputs = {}, outputs = {} } = oldProvider;
    const subject = subjectOf(splitReference(reference).urn);
    return this.diffConfig(instance.provider, subject, inputs, outputs, newInputs, []);
  }

  private async diffConfig(
    provider: Provider,
    subject: Subject,
    oldInputs: Properties,
    oldOutputs: Properties,
    newInputs: Properties,
    ignoreChanges: string[],
  ): Promise<DiffResult> {
    const news = configurationOf(newInputs);
    const olds = [bare(configurationOf(oldInputs)), bare(oldOutputs)] as const;
    const diff = await provider.diffConfig(subject, ...olds, bare(news), ignoreChanges);
    if (diff.changes !== "unknown") return diff;
    return { ...diff, changes: (propertiesEqual(oldOutputs, news) ? NO_CHANGE : someChange()).changes };
  }

  async create(subject: Subject, inputs: Properties): Promise<CreateResult> {
    const id = this.preview ? UNKNOWN : randomUUID();
    await this.register(await this.take(subject.urn, inputs), subject.urn, id, inputs);
    return { id, properties: configurationOf(inputs) };
  }

  async update(
    subject: ResourceSubject,
    _oldInputs: Properties,
    _oldOutputs: Properties,
    news: Properties,
  ): Promise<UpdateResult> {
    await this.register(await this.take(subject.urn, news), subject.urn, subject.id, news);
    return { properties: configurationOf(news) };
  }

  /** The provider has not changed: it goes on with the inputs it had. */
  async same(urn: Urn, id: string, oldInputs: Properties): Promise<void> {
    if (this.get(makeReference(urn, id))) return this.discard(urn);
    await this.register(await this.take(urn, oldInputs), urn, id, oldInputs);
  }

  async delete(subject: ResourceSubject): Promise<void> {
    const reference = makeReference(subject.urn, subject.id);
    const instance = this.get(reference);
    this.instances.delete(reference);
    await instance?.provider.close();
  }

  async read(): Promise<never> {
    throw new Error("provider resources cannot be read or imported");
  }

  /** The checked instance of a provider resource, or a fresh one. */
  private async take(urn: Urn, inputs: Properties): Promise<Provider> {
    const provider = this.checked.get(urn);
    this.checked.delete(urn);
    return provider ?? this.start(urn, inputs);
  }

  private async discard(urn: Urn): Promise<void> {
    const provider = this.checked.get(urn);
    this.checked.delete(urn);
    await provider?.close();
  }

  private async start(urn: Urn, inputs: Properties): Promise<Provider> {
    const plugin = pluginOf(urn, inputs);
    return plugin.name === "pulumi" ? this.builtin : this.host.load(plugin);
  }

  private async configure(
    provider: Provider,
    urn: Urn,
    id: string,
    inputs: Properties,
  ): Promise<ProviderInstance> {
    const configuration = configurationOf(inputs);
    const known = !containsUnknowns(configuration);
    if (known) await provider.configure({ ...subjectOf(urn), id }, configuration);
    return new ProviderInstance(provider, known, this.preview, this.warn);
  }

  private async register(provider: Provider, urn: Urn, id: string, inputs: Properties): Promise<void> {
    const instance = await this.configure(provider, urn, id, inputs);
    const former = this.get(makeReference(urn, id));
    this.instances.set(makeReference(urn, id), instance);
    const oldUrn = this.aliases.get(urn);
    if (oldUrn !== undefined) this.instances.set(makeReference(oldUrn, id), instance);
    if (former && former.provider !== provider) await former.provider.close();
  }
}
