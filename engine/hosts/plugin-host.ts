/** Finds and starts resource providers (sdk/go/common/workspace/plugins.go). */
import { accessSync, constants, existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import type { EventSink, PackageDescriptor, Provider, ProviderHost } from "../model";
import { moduleArguments, nodeEnvironment, parseNodeOptions, resolveModule } from "./node-runtime";
import type { Runtime } from "./node-runtime";
import { PluginProcess } from "./plugin-process";
import { GrpcProvider } from "./provider-client";

/** Providers of dynamic resources: the SDK's own program serves them. */
const DYNAMIC_PACKAGE = "pulumi-nodejs";

export interface PluginHostOptions {
  /** The Engine service, for the plugins' logs. */
  engineAddress: string;
  project: string;
  /** The directory of Pulumi.yaml. */
  projectRoot: string;
  programDirectory: string;
  /** The program's runtime: plugins are told of its options. */
  runtime: Runtime;
  /** Keys `namespace:name`, decrypted: a plugin is told what is in its own namespace. */
  config: ReadonlyMap<string, string>;
  /** `plugins.providers` of Pulumi.yaml; `path` relative to `projectRoot`. */
  plugins: { name: string; path: string; version?: string | undefined }[];
  /** The engine's own providers, by package. */
  builtin: Record<string, () => Provider | Promise<Provider>>;
  events: EventSink;
}

/** What is started, and from where. */
interface Launch {
  command: string;
  args: string[];
  directory: string;
  env: NodeJS.ProcessEnv;
}

export class PluginHost implements ProviderHost {
  private readonly live = new Set<Provider>();
  private readonly warmed = new Map<string, Promise<Provider>>();

  constructor(private readonly options: PluginHostOptions) {}

  /** Starts the project's own plugins now, to have them ready when their first resource is registered. */
  warmUp(): void {
    for (const { name } of this.options.plugins) {
      const started = this.start({ name });
      started.catch(() => undefined); // `load` tells.
      this.warmed.set(name, started);
    }
  }

  async load(descriptor: PackageDescriptor): Promise<Provider> {
    const warm = this.localPlugin(descriptor) === undefined ? undefined : this.warmed.get(descriptor.name);
    if (warm) this.warmed.delete(descriptor.name);
    return warm ?? this.start(descriptor);
  }

  async cancelAll(): Promise<void> {
    await Promise.all([...this.live].map((provider) => provider.cancel()));
  }

  async closeAll(): Promise<void> {
    await Promise.allSettled(this.warmed.values());
    await Promise.all([...this.live].map((provider) => provider.close()));
    this.live.clear();
  }

  private async start(descriptor: PackageDescriptor): Promise<Provider> {
    const local = this.localPlugin(descriptor);
    const builtin = this.options.builtin[descriptor.name];
    const provider = local === undefined && builtin ? await builtin() : await this.launch(descriptor, local);
    this.live.add(provider);
    return provider;
  }

  private async launch(descriptor: PackageDescriptor, local: string | undefined): Promise<Provider> {
    const { name } = descriptor;
    const { engineAddress, programDirectory, events } = this.options;
    const launch = this.find(descriptor, local);
    const plugin = await PluginProcess.start(`the provider plugin "${name}"`, {
      command: launch.command,
      args: launch.args,
      cwd: programDirectory,
      env: { ...process.env, ...this.environment(name), ...launch.env },
      onLine: (_stream, line) => events({ kind: "diagnostic", severity: "debug", message: line }),
    });
    return GrpcProvider.connect(plugin, engineAddress, launch.directory);
  }

  private environment(name: string): NodeJS.ProcessEnv {
    const { project, runtime, config } = this.options;
    const own = [...config].filter(([key]) => key.startsWith(`${name}:`));
    const entries = own.map(([key, value]) => [key.slice(name.length + 1), value]);
    const options = Object.entries(runtime.options);
    return {
      ...Object.fromEntries(
        options.map(([key, value]) => [`PULUMI_RUNTIME_${key.toUpperCase()}`, String(value)]),
      ),
      PULUMI_PROJECT: project,
      ...(name === DYNAMIC_PACKAGE ? { PULUMI_NODEJS_PROJECT: project } : {}),
      ...(own.length > 0 ? { PULUMI_CONFIG: JSON.stringify(Object.fromEntries(entries)) } : {}),
    };
  }

  /** The absolute path that Pulumi.yaml names for a package. */
  private localPlugin({ name, version }: PackageDescriptor): string | undefined {
    const plugin = this.options.plugins.find(
      (candidate) =>
        candidate.name === name &&
        (version === undefined || candidate.version === undefined || candidate.version === version),
    );
    return plugin && resolve(this.options.projectRoot, plugin.path);
  }

  private find(descriptor: PackageDescriptor, local: string | undefined): Launch {
    const { name } = descriptor;
    const { engineAddress, programDirectory, events, builtin } = this.options;
    const binary = `pulumi-resource-${name}`;
    if (local !== undefined)
      return this.launchOf(local, binary, `plugins.providers of Pulumi.yaml names ${local}`);
    if (name === DYNAMIC_PACKAGE) {
      const script = resolveModule("@pulumi/pulumi/cmd/dynamic-provider", programDirectory);
      return {
        command: process.execPath,
        args: [script, engineAddress],
        directory: dirname(script),
        env: {},
      };
    }
    const ambient = onPath(binary);
    if (ambient !== undefined) {
      const message = `using ${binary} from $PATH at ${ambient}`;
      events({ kind: "diagnostic", severity: "warning", message });
      return { command: ambient, args: [engineAddress], directory: dirname(ambient), env: {} };
    }
    const store = join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "plugins");
    const installed = installedPlugin(store, descriptor);
    if (installed !== undefined) return this.launchOf(installed, binary, `${store} holds ${installed}`);
    const wanted = descriptor.version === undefined ? name : `${name} v${descriptor.version}`;
    throw new Error(
      `no provider plugin "${wanted}" was found: not in plugins.providers of Pulumi.yaml, not among this engine's own ` +
        `(${Object.keys(builtin).join(", ") || "none"}), no ${binary} on PATH, and none in ${store}. ` +
        `Install it with the Pulumi CLI (pulumi plugin install resource ${wanted}), or name its folder under plugins.providers.`,
    );
  }

  /** A plugin's file, or its directory with the binary or PulumiPlugin.yaml in it. */
  private launchOf(path: string, binary: string, origin: string): Launch {
    const { engineAddress } = this.options;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) throw new Error(`${origin}, which does not exist`);
    const file = stats.isDirectory() ? join(path, binary) : path;
    if (existsSync(file)) return { command: file, args: [engineAddress], directory: dirname(file), env: {} };
    const description = join(path, "PulumiPlugin.yaml");
    if (!existsSync(description))
      throw new Error(`${origin}, but neither ${binary} nor PulumiPlugin.yaml is there`);
    const options = parseNodeOptions(readRuntime(description), description);
    return {
      command: process.execPath,
      args: moduleArguments("run-plugin", path, options, engineAddress),
      directory: path,
      env: nodeEnvironment(options),
    };
  }
}

/** `runtime` of PulumiPlugin.yaml or PulumiPolicy.yaml: a name, or a name with options. */
export function readRuntime(file: string): Runtime {
  const content = parse(readFileSync(file, "utf8")) as { runtime?: string | Partial<Runtime> } | null;
  const runtime = content?.runtime;
  const { name, options } = typeof runtime === "object" ? runtime : { name: runtime, options: undefined };
  if (!name) throw new Error(`${file} names no runtime; write "runtime: nodejs"`);
  return { name, options: options ?? {} };
}

function onPath(binary: string): string | undefined {
  if (/^(1|true)$/i.test(process.env["PULUMI_IGNORE_AMBIENT_PLUGINS"] ?? "")) return undefined;
  const directories = (process.env["PATH"] ?? "").split(delimiter).filter((directory) => directory !== "");
  return directories.map((directory) => join(directory, binary)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The wanted version, or the newest when none is asked for. */
function installedPlugin(store: string, { name, version }: PackageDescriptor): string | undefined {
  if (!existsSync(store)) return undefined;
  const prefix = `resource-${name}-v`;
  const found = readdirSync(store).filter(
    (entry) => entry.startsWith(prefix) && !/\.(lock|partial)$/.test(entry),
  );
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  const chosen =
    version === undefined ? found.sort(compare).at(-1) : found.find((entry) => entry === prefix + version);
  return chosen && join(store, chosen);
}
