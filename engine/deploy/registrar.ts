/** Completes what a program asked for: what it inherits from its parent, and which provider is to serve it. */
import type { Goal, ProviderReference, Urn } from "../model";
import type { Properties } from "../values";
import { makeSecret } from "../values";
import type { DeploymentContext } from "./context";
import { emptyGoal } from "./empty-goal";
import { withPlugin } from "./providers";
import type { Run } from "./run";
import { isProviderType, packageOf, providedPackage, providerType, splitReference, typeOf } from "./urn";

/** The dynamic provider's package: it is configured with the whole stack's configuration, keys and all. */
const DYNAMIC_PACKAGE = "pulumi-nodejs";

/** What says which provider is asked for, in any request. */
export interface ProviderRequest {
  provider?: ProviderReference;
  providers?: Record<string, ProviderReference>;
  parent?: Urn;
  version: string;
  pluginDownloadURL: string;
}

export class Registrar {
  private readonly defaults = new Map<string, Promise<ProviderReference>>();
  private readonly componentProviders = new Map<Urn, Record<string, ProviderReference>>();

  constructor(
    private readonly run: Run,
    /** Registers a default provider and answers with its reference. */
    private readonly register: (goal: Goal) => Promise<ProviderReference>,
  ) {}

  /** The goal as the rest of the engine takes it. @throws Error */
  async complete(asked: Goal): Promise<Goal> {
    const goal = this.inherit({ ...asked });
    // A program that says nothing of properties means that each depends on all.
    if (Object.keys(goal.propertyDependencies).length === 0) {
      goal.propertyDependencies = Object.fromEntries(
        Object.keys(goal.inputs).map((key) => [key, [...goal.dependencies]]),
      );
    }
    if (isProviderType(goal.type)) {
      goal.inputs = withPlugin(goal.inputs, this.plugin(providedPackage(goal.type), goal));
    } else if (goal.custom) goal.provider = await this.provider(packageOf(goal.type), goal);
    else goal.providers = { ...this.providersOf(goal.parent), ...goal.providers };
    return goal;
  }

  /** Remembers what the children of a component take from it. */
  registered(urn: Urn, goal: Goal): void {
    if (!goal.custom) this.componentProviders.set(urn, goal.providers);
  }

  /** The provider for a request of a package: the explicit one, its parents', or the default one. */
  async provider(packageName: string, request: ProviderRequest): Promise<ProviderReference> {
    return (
      request.provider ??
      request.providers?.[packageName] ??
      this.providersOf(request.parent)[packageName] ??
      (await this.defaultProvider(packageName, request))
    );
  }

  private providersOf(parent: Urn | undefined): Record<string, ProviderReference> {
    return (parent !== undefined && this.componentProviders.get(parent)) || {};
  }

  private inherit(goal: Goal): Goal {
    const parent = goal.parent === undefined ? undefined : this.run.goals.get(goal.parent);
    if (!parent) return goal;
    if (parent.deletedWith !== undefined) goal.deletedWith ??= parent.deletedWith;
    if (parent.protect !== undefined) goal.protect ??= parent.protect;
    if (parent.retainOnDelete !== undefined) goal.retainOnDelete ??= parent.retainOnDelete;
    const { provider } = parent;
    if (parent.custom && provider !== undefined) {
      const serves = providedPackage(typeOf(splitReference(provider).urn));
      if (goal.custom && serves === packageOf(goal.type)) goal.provider ??= provider;
    }
    return goal;
  }

  private plugin(
    packageName: string,
    request: { version: string; pluginDownloadURL: string },
  ): { version?: string; pluginDownloadURL?: string } {
    const version = request.version || this.run.context.pluginVersions.get(packageName);
    const { pluginDownloadURL } = request;
    return { ...(version && { version }), ...(pluginDownloadURL && { pluginDownloadURL }) };
  }

  private defaultProvider(packageName: string, request: ProviderRequest): Promise<ProviderReference> {
    if (isDefaultDenied(this.run.context, packageName)) {
      throw new Error(
        `Default provider for '${packageName}' disabled (pulumi:disable-default-providers): use an explicit provider.`,
      );
    }
    const plugin = this.plugin(packageName, request);
    const key = JSON.stringify([packageName, plugin.version, plugin.pluginDownloadURL]);
    const known = this.defaults.get(key);
    if (known) return known;
    const registration = this.register({
      ...emptyGoal(),
      type: providerType(packageName),
      name: defaultName(plugin),
      custom: true,
      inputs: withPlugin(packageConfig(this.run.context, packageName), plugin),
      dependencies: [],
      propertyDependencies: {},
    });
    this.defaults.set(key, registration);
    return registration;
  }
}

/** The name encodes version and origin, so that each has a provider of its own: `default_4_21_2`. */
function defaultName(plugin: { version?: string; pluginDownloadURL?: string }): string {
  const version = plugin.version ? `_${plugin.version.replace(/^v/, "").replace(/[.+-]/g, "_")}` : "";
  const origin = plugin.pluginDownloadURL ? `_${asName(plugin.pluginDownloadURL)}` : "";
  return `default${version}${origin}`;
}

const asName = (text: string): string =>
  text
    .split("/")
    .filter((part) => part !== "")
    .map((part) => part.replace(/[^A-Za-z0-9_.-]/g, "_"))
    .join("/");

function packageConfig(context: DeploymentContext, packageName: string): Properties {
  const inputs: Properties = {};
  for (const [key, text] of context.config) {
    const value = context.configSecretKeys.has(key) ? makeSecret(text) : text;
    if (packageName === DYNAMIC_PACKAGE) inputs[key] = value;
    else if (packageOf(key) === packageName) inputs[key.slice(packageName.length + 1)] = value;
  }
  return inputs;
}

function isDefaultDenied(context: DeploymentContext, packageName: string): boolean {
  const setting = context.config.get("pulumi:disable-default-providers");
  if (!setting || packageName === "pulumi") return false;
  const names: unknown = JSON.parse(setting);
  if (!Array.isArray(names)) {
    throw new Error(
      `pulumi:disable-default-providers must be a list of package names, for example ["aws"]; it is ${setting}`,
    );
  }
  return names.includes("*") || names.includes(packageName);
}
