/** What the program asks for, from the wire to the words of the core. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Alias as AliasMessage } from "@pulumi/pulumi/proto/alias_pb";
import { TransformResourceOptions } from "@pulumi/pulumi/proto/resource_pb";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { SourcePosition, StackTrace } from "@pulumi/pulumi/proto/source_pb";
import type { HookPoint } from "../deploy/context";
import type { Alias, CustomTimeouts, Goal, PackageDescriptor } from "../model";
import { mapValue } from "../values";
import type { Properties, Value } from "../values";
import { downgrade } from "./wire";

/** The options of a registration, in the form that transforms get and change. */
export function optionsOf(request: RegisterResourceRequest): TransformResourceOptions {
  const options = new TransformResourceOptions();
  options.setDependsOnList(request.getDependenciesList());
  options.setIgnoreChangesList(request.getIgnorechangesList());
  options.setReplaceOnChangesList(request.getReplaceonchangesList());
  options.setVersion(request.getVersion());
  options.setAliasesList(request.getAliasesList());
  options.setProvider(request.getProvider());
  options.setCustomTimeouts(request.getCustomtimeouts());
  options.setPluginDownloadUrl(request.getPlugindownloadurl());
  options.setDeletedWith(request.getDeletedwith());
  options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  options.setHooks(request.getHooks());
  options.setImport(request.getImportid());
  options.setHideDiffList(request.getHidediffsList());
  options.setReplaceWithList(request.getReplaceWithList());
  options.setReplacementTrigger(request.getReplacementTrigger());
  if (request.hasProtect()) options.setProtect(request.getProtect() === true);
  if (request.hasRetainondelete()) options.setRetainOnDelete(request.getRetainondelete() === true);
  if (request.getDeletebeforereplacedefined() || request.getDeletebeforereplace()) {
    options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  }
  request.getProvidersMap().forEach((reference, name) => options.getProvidersMap().set(name, reference));
  return options;
}

/** A request that says nothing of single properties makes each depend on all. */
export function propertyDependenciesOf(
  request: RegisterResourceRequest,
  inputs: Properties,
): Record<string, string[]> {
  const given = request.getPropertydependenciesMap();
  const dependencies = request.getDependenciesList();
  if (given.getLength() === 0)
    return Object.fromEntries(Object.keys(inputs).map((key) => [key, dependencies]));
  const result: Record<string, string[]> = {};
  given.forEach((value, key) => (result[key] = value.getUrnsList()));
  return result;
}

/** What transforms do not change. */
export interface Registration {
  type: string;
  name: string;
  custom: boolean;
  parent?: string;
  inputs: Properties;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  sourcePosition?: string;
  stackTrace?: { sourcePosition?: string }[];
}

/** @param registered What the program registered the package as, if it did: then the options' own version does not count. */
export function goalOf(
  registration: Registration,
  options: TransformResourceOptions,
  aliases: Alias[],
  registered?: PackageDescriptor,
): Goal {
  const trigger = options.getReplacementTrigger();
  return {
    ...registration,
    ...pluginOf(options.getVersion(), options.getPluginDownloadUrl(), registered),
    ...present("provider", options.getProvider()),
    providers: Object.fromEntries(options.getProvidersMap().toArray()),
    ...defined("protect", options.hasProtect(), options.getProtect()),
    ...defined("retainOnDelete", options.hasRetainOnDelete(), options.getRetainOnDelete()),
    ...defined("deleteBeforeReplace", options.hasDeleteBeforeReplace(), options.getDeleteBeforeReplace()),
    ignoreChanges: options.getIgnoreChangesList(),
    replaceOnChanges: options.getReplaceOnChangesList(),
    additionalSecretOutputs: options.getAdditionalSecretOutputsList(),
    aliases,
    ...present("importId", options.getImport()),
    customTimeouts: timeoutsOf(options),
    ...present("deletedWith", options.getDeletedWith()),
    replaceWith: options.getReplaceWithList(),
    ...(trigger ? { replacementTrigger: mapValue(trigger.toJavaScript() as Value, downgrade) } : {}),
    hideDiff: options.getHideDiffList(),
    hooks: hooksOf(options),
  };
}

/** Which plugin a request wants. */
export function pluginOf(
  version: string,
  pluginDownloadURL: string,
  registered: PackageDescriptor | undefined,
): { version: string; pluginDownloadURL: string } {
  if (!registered) return { version, pluginDownloadURL };
  return { version: registered.version ?? "", pluginDownloadURL: registered.pluginDownloadURL ?? "" };
}

/** An optional string of protobuf: "" stands for none. */
export function present<K extends string>(key: K, value: string): Partial<Record<K, string>> {
  return value === "" ? {} : ({ [key]: value } as Record<K, string>);
}

function defined<K extends string>(key: K, has: boolean, value = false): Partial<Record<K, boolean>> {
  return has ? ({ [key]: value } as Record<K, boolean>) : {};
}

function timeoutsOf(options: TransformResourceOptions): CustomTimeouts {
  const timeouts: CustomTimeouts = {};
  const given = options.getCustomTimeouts()?.toObject() ?? {};
  for (const operation of ["create", "update", "delete", "read"] as const) {
    const text = operation in given ? given[operation as keyof typeof given] : "";
    if (text) timeouts[operation] = parseDuration(text);
  }
  return timeouts;
}

const UNIT_SECONDS = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Seconds of a Go duration such as `1h30m` or `500ms`. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new Error(
      `the custom timeout "${text}" is not a duration; write for example "90s", "5m" or "1h30m"`,
    );
  }
  return parts.reduce(
    (sum, [, number, unit]) => sum + Number(number) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS],
    0,
  );
}

function hooksOf(options: TransformResourceOptions): Record<string, string[]> {
  const binding = options.getHooks();
  if (!binding) return {};
  if (binding.getOnErrorList().length > 0) {
    throw new Error("error hooks (onError) are not supported by this engine; use the Pulumi CLI for them");
  }
  const points: [HookPoint, string[]][] = [
    ["BeforeCreate", binding.getBeforeCreateList()],
    ["AfterCreate", binding.getAfterCreateList()],
    ["BeforeUpdate", binding.getBeforeUpdateList()],
    ["AfterUpdate", binding.getAfterUpdateList()],
    ["BeforeDelete", binding.getBeforeDeleteList()],
    ["AfterDelete", binding.getAfterDeleteList()],
  ];
  return Object.fromEntries(points.filter(([, names]) => names.length > 0));
}

/**
 * @param exact Whether the SDK says `noParent` when it means it. Older ones left the parent out for that, and said `noParent`
 * when neither alias nor resource had a parent (source_eval.go, transformAliasForNodeJSCompat).
 */
export function aliasOf(message: AliasMessage, exact: boolean): Alias {
  const spec = message.getSpec();
  if (!spec) return { urn: message.getUrn() };
  const noParent = exact ? spec.getNoparent() : spec.getParenturn() === "" && !spec.getNoparent();
  return {
    ...present("name", spec.getName()),
    ...present("type", spec.getType()),
    ...present("stack", spec.getStack()),
    ...present("project", spec.getProject()),
    ...present("parentUrn", spec.getParenturn()),
    ...(noParent ? { noParent } : {}),
  };
}

/** Places in the program's source, told relative to the project: `project:///src/index.ts#12,3`. */
export class SourcePositions {
  private readonly paths = new Map<string, string | undefined>();

  constructor(private readonly root: string) {}

  position(raw: SourcePosition | undefined): string | undefined {
    const path = raw && this.pathOf(raw.getUri());
    if (!raw || path === undefined || raw.getLine() < 0 || raw.getColumn() < 0) return undefined;
    return `project:///${path}#${raw.getLine()}${raw.getColumn() === 0 ? "" : `,${raw.getColumn()}`}`;
  }

  /** Both fields as `Goal` and `ReadGoal` have them. */
  of(request: { getSourceposition(): SourcePosition | undefined; getStacktrace(): StackTrace | undefined }) {
    const sourcePosition = this.position(request.getSourceposition());
    const frames = request.getStacktrace()?.getFramesList();
    const stackTrace = frames?.map((frame) => {
      const position = this.position(frame.getPc());
      return position === undefined ? {} : { sourcePosition: position };
    });
    return {
      ...(sourcePosition === undefined ? {} : { sourcePosition }),
      ...(stackTrace ? { stackTrace } : {}),
    };
  }

  private pathOf(uri: string): string | undefined {
    if (!this.paths.has(uri)) {
      const path = uri.startsWith("file:///") ? relative(this.root, fileURLToPath(uri)) : undefined;
      this.paths.set(
        uri,
        path === undefined ? undefined : encodeURI(path).replace(/[?#]/g, encodeURIComponent),
      );
    }
    return this.paths.get(uri);
  }
}
