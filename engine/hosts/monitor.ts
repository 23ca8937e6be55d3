/** The engine's side of a running program: the ResourceMonitor and Engine services on one port. */
import { randomUUID } from "node:crypto";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import {
  GetRootResourceResponse,
  LogSeverity,
  RequirePulumiVersionResponse,
  SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import type {
  GetRootResourceRequest,
  LogRequest,
  SetRootResourceRequest,
} from "@pulumi/pulumi/proto/engine_pb";
import { CheckFailure, InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  DeploymentInfo,
  ReadResourceResponse,
  RegisterPackageResponse,
  RegisterResourceResponse,
  ResourceMonitorFeature,
  Result,
  SupportsFeatureResponse,
  TransformInvokeOptions,
} from "@pulumi/pulumi/proto/resource_pb";
import type {
  ReadResourceRequest,
  RegisterPackageRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
  SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { DeploymentStopped } from "../deploy/context";
import type { HookRunner } from "../deploy/context";
import type { Deployment } from "../deploy/deployment";
import type { EventSink, PackageDescriptor, Severity } from "../model";
import { containsUnknowns } from "../values";
import type { Properties } from "../values";
import { withAssetHashes } from "./assets";
import { CallbackClients, ResourceHooks } from "./callbacks";
import { SourcePositions, aliasOf, goalOf, optionsOf, pluginOf, present } from "./goal";
import { errorText, handler, serve } from "./grpc";
import type { RunningServer } from "./grpc";
import type { UpdateInfo } from "./program";
import { Transforms } from "./transforms";
import { downgradeOutputs, fromStruct, toStruct } from "./wire";

/** What the monitor needs of a deployment. */
export type Registrar = Pick<
  Deployment,
  "registerResource" | "registerResourceOutputs" | "readResource" | "invoke" | "fail" | "finish"
>;

export interface MonitorOptions {
  info: UpdateInfo;
  /** The directory of Pulumi.yaml: source positions are told relative to it. */
  projectRoot: string;
  /** Where the program runs: relative paths of assets start here. */
  programDirectory: string;
  events: EventSink;
}

/** What this engine does, by SupportsFeature's ids and by the enumeration that newer SDKs ask for. */
const FEATURES: Record<string, number> = {
  secrets: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_SECRETS,
  resourceReferences: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
  outputValues: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
  aliasSpecs: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
  replacementTrigger: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
  deletedWith: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
  replaceWith: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
  transforms: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
  invokeTransforms: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
  resourceHooks: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
};

const SEVERITIES: Record<LogSeverity, Severity> = {
  [LogSeverity.DEBUG]: "debug",
  [LogSeverity.INFO]: "info",
  [LogSeverity.WARNING]: "warning",
  [LogSeverity.ERROR]: "error",
};

const unsupported = (what: string): Error =>
  new Error(`${what} not supported by this engine; use the Pulumi CLI for this program`);

/**
 * Serves until `close`. The program (and packs and plugins) may be started as soon as the address is known: what it registers
 * waits for the deployment that `serveDeployment` brings.
 */
export class Monitor {
  readonly hooks: HookRunner;
  private readonly resourceHooks: ResourceHooks;
  private readonly callbacks = new CallbackClients();
  private readonly transforms = new Transforms(this.callbacks);
  private readonly positions: SourcePositions;
  private readonly packages = new Map<string, PackageDescriptor>();
  private readonly packageReferences = new Map<string, string>();
  private rootUrn = "";
  private server: RunningServer | undefined;
  private signalled = false;
  private failed = false;
  private resolveDeployment: (deployment: Registrar) => void = () => undefined;
  private readonly deployment = new Promise<Registrar>((resolve) => (this.resolveDeployment = resolve));

  private constructor(private readonly options: MonitorOptions) {
    this.resourceHooks = new ResourceHooks(this.callbacks, options.info.dryRun, options.events);
    this.hooks = this.resourceHooks;
    this.positions = new SourcePositions(options.projectRoot);
  }

  static async start(options: MonitorOptions): Promise<Monitor> {
    const monitor = new Monitor(options);
    monitor.server = await serve([
      [ResourceMonitorService, monitor.monitorService()],
      [EngineService, monitor.engineService()],
    ]);
    return monitor;
  }

  /** `127.0.0.1:port`, for `--monitor`, `--engine` and plugins. */
  get address(): string {
    return this.server?.address ?? "";
  }

  serveDeployment(deployment: Registrar): void {
    this.resolveDeployment(deployment);
  }

  /** Only after the program's end: it may still wait for an answer. */
  close(): void {
    this.callbacks.close();
    this.server?.close();
  }

  private monitorService() {
    const acknowledge = <Request>(answer: (request: Request) => Promise<void> | void) =>
      handler(async (request: Request) => {
        await answer(request);
        return new Empty();
      });
    return {
      getDeploymentInfo: handler(() => this.deploymentInfo()),
      supportsFeature: handler((request: SupportsFeatureRequest) => {
        const response = new SupportsFeatureResponse();
        response.setHassupport(request.getId() in FEATURES);
        return response;
      }),
      invoke: handler((request: ResourceInvokeRequest) => this.invoke(request)),
      call: handler(() => Promise.reject(unsupported("methods of remote components (Call) are"))),
      readResource: handler((request: ReadResourceRequest) =>
        this.failing(nameIn(request), () => this.readResource(request)),
      ),
      registerResource: handler((request: RegisterResourceRequest) =>
        this.failing(nameIn(request), () => this.registerResource(request)),
      ),
      registerResourceOutputs: acknowledge((request: RegisterResourceOutputsRequest) =>
        this.failing(request.getUrn(), () => this.registerOutputs(request)),
      ),
      registerStackTransform: acknowledge(this.transforms.addToStack.bind(this.transforms)),
      registerStackInvokeTransform: acknowledge(this.transforms.addToInvokes.bind(this.transforms)),
      registerResourceHook: acknowledge(this.resourceHooks.register.bind(this.resourceHooks)),
      registerErrorHook: handler(() => Promise.reject(unsupported("error hooks (onError) are"))),
      registerPackage: handler((request: RegisterPackageRequest) => this.registerPackage(request)),
      signalAndWaitForShutdown: acknowledge(() => this.waitForShutdown()),
    };
  }

  private engineService() {
    return {
      log: handler((request: LogRequest) => {
        this.options.events({
          kind: "diagnostic",
          severity: SEVERITIES[request.getSeverity()] ?? "debug",
          message: request.getMessage(),
          ...present("urn", request.getUrn()),
          streamId: request.getStreamid(),
          ephemeral: request.getEphemeral(),
        });
        return new Empty();
      }),
      getRootResource: handler<GetRootResourceRequest, GetRootResourceResponse>(() => {
        const response = new GetRootResourceResponse();
        response.setUrn(this.rootUrn);
        return response;
      }),
      setRootResource: handler((request: SetRootResourceRequest) => {
        this.rootUrn = request.getUrn();
        return new SetRootResourceResponse();
      }),
      startDebugging: handler(() => new Empty()),
      // Like a CLI built without a version, this engine passes every range (sdk/go/common/resource/plugin/plugin.go).
      requirePulumiVersion: handler(() => new RequirePulumiVersionResponse()),
    };
  }

  private deploymentInfo(): DeploymentInfo {
    const { info } = this.options;
    const response = new DeploymentInfo();
    response.setProject(info.project);
    response.setStack(info.stack);
    response.setOrganization(info.organization);
    for (const [key, value] of info.config) response.getConfigMap().set(key, value);
    response.setConfigsecretkeysList([...info.configSecretKeys]);
    response.setDryrun(info.dryRun);
    response.setParallel(info.parallel);
    response.setSupportedfeaturesList(Object.values(FEATURES));
    return response;
  }

  /**
   * A registration that cannot be understood fails the deployment here: sent back to the program, the error would be the same, but
   * the SDK takes half a minute to print it.
   */
  private async failing<T>(what: string, register: () => Promise<T>): Promise<T> {
    try {
      return await register();
    } catch (error) {
      // What fails after that fails because the program is ending.
      if (error instanceof DeploymentStopped || this.failed) throw new DeploymentStopped();
      this.failed = true;
      (await this.deployment).fail(`failed to register ${what}: ${errorText(error)}`);
      throw new DeploymentStopped();
    }
  }

  private async registerResource(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
    const [type, name, custom, parent] = [
      request.getType(),
      request.getName(),
      request.getCustom(),
      request.getParent(),
    ];
    if (request.getRemote()) throw unsupported(`the remote component ${type} "${name}" is`);
    if (request.getEnvvarmappingsMap().getLength() > 0)
      throw unsupported(`the option envVarMappings (on "${name}") is`);
    const own = this.transforms.bind(request.getTransformsList());
    const inputs = await withAssetHashes(fromStruct(request.getObject()), this.options.programDirectory);
    const dependencies = request.getDependenciesList();
    const { options, ...rest } = await this.transforms.apply({ type, name, custom, parent }, own, {
      inputs,
      dependencies,
      propertyDependencies: propertyDependenciesOf(request, inputs),
      options: optionsOf(request),
    });
    const aliases = [
      ...request.getAliasurnsList().map((urn) => ({ urn })),
      ...options.getAliasesList().map((alias) => aliasOf(alias, request.getAliasspecs())),
    ];
    const registration = {
      type,
      name,
      custom,
      ...present("parent", parent),
      ...rest,
      ...this.positions.of(request),
    };
    const goal = goalOf(registration, options, aliases, this.packageOf(request.getPackageref()));
    const result = await (await this.deployment).registerResource(goal);
    this.transforms.registered(result.urn, parent, own);

    const response = new RegisterResourceResponse();
    response.setUrn(result.urn);
    response.setId(result.id);
    const object = request.getSupportspartialvalues() ? result.object : withoutUnknowns(result.object);
    response.setObject(toStruct(object, acceptedBy(request)));
    // The SDK takes the outputs of a skipped resource to be unknown.
    if (result.unknown) response.setResult(Result.SKIP);
    return response;
  }

  private async registerOutputs(request: RegisterResourceOutputsRequest): Promise<void> {
    const outputs = await withAssetHashes(fromStruct(request.getOutputs()), this.options.programDirectory);
    try {
      await (await this.deployment).registerResourceOutputs(request.getUrn(), downgradeOutputs(outputs));
    } catch (error) {
      // The SDK takes a refusal here for a fault of the program, and tells it at length; any other request ends it quietly.
      if (!(error instanceof DeploymentStopped)) throw error;
    }
  }

  private async readResource(request: ReadResourceRequest): Promise<ReadResourceResponse> {
    const inputs = await withAssetHashes(fromStruct(request.getProperties()), this.options.programDirectory);
    const result = await (
      await this.deployment
    ).readResource({
      type: request.getType(),
      name: request.getName(),
      id: request.getId(),
      ...present("parent", request.getParent()),
      inputs: downgradeOutputs(inputs),
      dependencies: request.getDependenciesList(),
      ...present("provider", request.getProvider()),
      ...this.plugin(request, request.getPlugindownloadurl()),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      ...this.positions.of(request),
    });
    const response = new ReadResourceResponse();
    response.setUrn(result.urn);
    response.setProperties(toStruct(result.object, acceptedBy(request)));
    return response;
  }

  private async invoke(request: ResourceInvokeRequest): Promise<InvokeResponse> {
    const token = request.getTok();
    const given = new TransformInvokeOptions();
    given.setProvider(request.getProvider());
    given.setVersion(request.getVersion());
    given.setPluginDownloadUrl(request.getPlugindownloadurl());
    const { args, options } = await this.transforms.applyToInvoke(
      token,
      fromStruct(request.getArgs()),
      given,
    );
    const { result, failures } = await (
      await this.deployment
    ).invoke({
      token,
      args,
      ...present("provider", options.getProvider()),
      ...pluginOf(
        options.getVersion(),
        options.getPluginDownloadUrl(),
        this.packageOf(request.getPackageref()),
      ),
    });
    // Old SDKs ask for a resource without saying that they understand references.
    const resources = request.getAcceptresources() || token === "pulumi:pulumi:getResource";
    const response = new InvokeResponse();
    response.setReturn(toStruct(result, { secrets: true, resources, unknowns: true }));
    for (const { property, reason } of failures) {
      const failure = new CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      response.addFailures(failure);
    }
    return response;
  }

  private registerPackage(request: RegisterPackageRequest): RegisterPackageResponse {
    const name = request.getName();
    if (request.hasParameterization()) throw unsupported(`the parameterized package ${name} is`);
    const [version, pluginDownloadURL] = [request.getVersion(), request.getDownloadUrl()];
    const content = JSON.stringify([name, version, pluginDownloadURL]);
    const reference = this.packageReferences.get(content) ?? randomUUID();
    this.packageReferences.set(content, reference);
    this.packages.set(reference, {
      name,
      ...present("version", version),
      ...present("pluginDownloadURL", pluginDownloadURL),
    });
    const response = new RegisterPackageResponse();
    response.setRef(reference);
    return response;
  }

  private packageOf(reference: string): PackageDescriptor | undefined {
    const registered = this.packages.get(reference);
    if (reference !== "" && !registered) throw new Error(`unknown provider package '${reference}'`);
    return registered;
  }

  private plugin(request: { getVersion(): string; getPackageref(): string }, pluginDownloadURL: string) {
    return pluginOf(request.getVersion(), pluginDownloadURL, this.packageOf(request.getPackageref()));
  }

  /** Answered only when the deployment is over: until then the program's hooks and transforms are needed. */
  private async waitForShutdown(): Promise<void> {
    if (this.signalled) throw new Error("Already waiting for shutdown");
    this.signalled = true;
    await (await this.deployment).finish();
  }
}

/** A request that says nothing of single properties makes each depend on all. */
function propertyDependenciesOf(
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

const nameIn = (request: { getName(): string; getType(): string }): string =>
  `${request.getName()} [${request.getType()}]`;

const acceptedBy = (request: { getAcceptsecrets(): boolean; getAcceptresources(): boolean }) => ({
  secrets: request.getAcceptsecrets(),
  resources: request.getAcceptresources(),
  unknowns: true,
});

const withoutUnknowns = (properties: Properties): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => !containsUnknowns(value)));
