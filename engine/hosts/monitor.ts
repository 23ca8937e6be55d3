/** The engine's side of a running program: the ResourceMonitor and Engine services on one port. */
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { CheckFailure, InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  ReadResourceResponse,
  RegisterResourceResponse,
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
import type { RegisterResult } from "../deploy/context";
import type { Deployment } from "../deploy/deployment";
import { STACK_TYPE, makeUrn } from "../deploy/urn";
import type { EventSink, Goal } from "../model";
import { containsUnknowns } from "../values";
import type { Properties } from "../values";
import { withAssetHashes } from "./assets";
import { CallbackClients, ResourceHooks } from "./callbacks";
import { engineService } from "./engine-service";
import { deploymentInfo, isSupported } from "./features";
import {
  SourcePositions,
  aliasOf,
  goalOf,
  optionsOf,
  pluginOf,
  present,
  propertyDependenciesOf,
} from "./goal";
import { errorText, handler, serve } from "./grpc";
import type { RunningServer } from "./grpc";
import type { UpdateInfo } from "./program";
import { RegisteredPackages } from "./registered-packages";
import { Transforms } from "./transforms";
import type { Subject } from "./transforms";
import { unsupported } from "./unsupported";
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
  /** The stack is registered, and so the user's code is loaded, only when this has resolved. */
  permitted?: Promise<unknown>;
}

/**
 * Serves until `close`. The program (and packs and plugins) may be started as soon as the address is known: what it registers
 * waits for the deployment that `serveDeployment` brings.
 */
export class Monitor {
  /** For the core to call. */
  readonly hooks: ResourceHooks;
  private readonly callbacks = new CallbackClients();
  private readonly transforms = new Transforms(this.callbacks);
  private readonly positions: SourcePositions;
  private readonly packages = new RegisteredPackages();
  private server: RunningServer | undefined;
  private signalled = false;
  private failed = false;
  /** The stack's own registration. */
  private stack: Promise<void> = Promise.resolve();
  private resolveDeployment: (deployment: Registrar) => void = () => undefined;
  private readonly deployment = new Promise<Registrar>((resolve) => (this.resolveDeployment = resolve));

  private constructor(private readonly options: MonitorOptions) {
    this.hooks = new ResourceHooks(this.callbacks, options.info.dryRun, options.events);
    this.positions = new SourcePositions(options.projectRoot);
  }

  static async start(options: MonitorOptions): Promise<Monitor> {
    const monitor = new Monitor(options);
    monitor.server = await serve([
      [ResourceMonitorService, monitor.monitorService()],
      [EngineService, engineService(options.events)],
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
      getDeploymentInfo: handler(() => deploymentInfo(this.options.info)),
      supportsFeature: handler((request: SupportsFeatureRequest) =>
        new SupportsFeatureResponse().setHassupport(isSupported(request.getId())),
      ),
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
      registerResourceHook: acknowledge(this.hooks.register.bind(this.hooks)),
      registerErrorHook: handler(() => Promise.reject(unsupported("error hooks (onError) are"))),
      registerPackage: handler((request: RegisterPackageRequest) => this.packages.register(request)),
      signalAndWaitForShutdown: acknowledge(() => this.waitForShutdown()),
    };
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
    const { type, name, custom, parent } = subjectOf(request);
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
    const goal = goalOf(registration, options, aliases, this.packages.of(request));
    const result = await (type === STACK_TYPE ? this.registerStack(goal) : this.register(goal));
    this.transforms.registered(result.urn, parent, own);

    const object = request.getSupportspartialvalues() ? result.object : withoutUnknowns(result.object);
    return (
      new RegisterResourceResponse()
        .setUrn(result.urn)
        .setId(result.id)
        .setObject(toStruct(object, acceptedBy(request)))
        // The SDK takes the outputs of a skipped resource to be unknown.
        .setResult(result.unknown ? Result.SKIP : Result.SUCCESS)
    );
  }

  private async register(goal: Goal): Promise<RegisterResult> {
    return (await this.ready()).registerResource(goal);
  }

  /**
   * The stack's answer is known beforehand, and the SDK loads the user's code only when it has it: it gets it while the packs may
   * still be loading. Everything else waits for the stack.
   */
  private async registerStack(goal: Goal): Promise<RegisterResult> {
    const { stack, project } = this.options.info;
    await this.options.permitted?.catch(() => {
      throw new DeploymentStopped();
    });
    this.stack = this.failing(goal.name, async () => {
      await (await this.deployment).registerResource(goal);
    });
    this.stack.catch(() => undefined); // Whoever waits for it is told.
    return {
      urn: makeUrn(stack, project, undefined, goal.type, goal.name),
      id: "",
      object: {},
      unknown: false,
    };
  }

  /** @throws DeploymentStopped when the stack could not be registered */
  private async ready(): Promise<Registrar> {
    await this.stack;
    return this.deployment;
  }

  private async registerOutputs(request: RegisterResourceOutputsRequest): Promise<void> {
    const outputs = await withAssetHashes(fromStruct(request.getOutputs()), this.options.programDirectory);
    try {
      await (await this.ready()).registerResourceOutputs(request.getUrn(), downgradeOutputs(outputs));
    } catch (error) {
      // The SDK takes a refusal here for a fault of the program, and tells it at length; any other request ends it quietly.
      if (!(error instanceof DeploymentStopped)) throw error;
    }
  }

  private async readResource(request: ReadResourceRequest): Promise<ReadResourceResponse> {
    const inputs = await withAssetHashes(fromStruct(request.getProperties()), this.options.programDirectory);
    const deployment = await this.ready();
    const result = await deployment.readResource({
      type: request.getType(),
      name: request.getName(),
      id: request.getId(),
      ...present("parent", request.getParent()),
      inputs: downgradeOutputs(inputs),
      dependencies: request.getDependenciesList(),
      ...present("provider", request.getProvider()),
      ...pluginOf(request.getVersion(), request.getPlugindownloadurl(), this.packages.of(request)),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      ...this.positions.of(request),
    });
    return new ReadResourceResponse()
      .setUrn(result.urn)
      .setProperties(toStruct(result.object, acceptedBy(request)));
  }

  private async invoke(request: ResourceInvokeRequest): Promise<InvokeResponse> {
    const token = request.getTok();
    const given = new TransformInvokeOptions()
      .setProvider(request.getProvider())
      .setVersion(request.getVersion())
      .setPluginDownloadUrl(request.getPlugindownloadurl());
    const { args, options } = await this.transforms.applyToInvoke(
      token,
      fromStruct(request.getArgs()),
      given,
    );
    const deployment = await this.ready();
    const { result, failures } = await deployment.invoke({
      token,
      args,
      ...present("provider", options.getProvider()),
      ...pluginOf(options.getVersion(), options.getPluginDownloadUrl(), this.packages.of(request)),
    });
    // Old SDKs ask for a resource without saying that they understand references.
    const resources = request.getAcceptresources() || token === "pulumi:pulumi:getResource";
    return new InvokeResponse()
      .setReturn(toStruct(result, { secrets: true, resources, unknowns: true }))
      .setFailuresList(
        failures.map(({ property, reason }) => new CheckFailure().setProperty(property).setReason(reason)),
      );
  }

  /** Answered only when the deployment is over: until then the program's hooks and transforms are needed. */
  private async waitForShutdown(): Promise<void> {
    if (this.signalled) throw new Error("Already waiting for shutdown");
    this.signalled = true;
    await this.stack.catch(() => undefined);
    await (await this.deployment).finish();
  }
}

const subjectOf = (request: RegisterResourceRequest): Subject => ({
  type: request.getType(),
  name: request.getName(),
  custom: request.getCustom(),
  parent: request.getParent(),
});

const nameIn = (request: { getName(): string; getType(): string }): string =>
  `${request.getName()} [${request.getType()}]`;

const acceptedBy = (request: { getAcceptsecrets(): boolean; getAcceptresources(): boolean }) => ({
  secrets: request.getAcceptsecrets(),
  resources: request.getAcceptresources(),
  unknowns: true,
});

const withoutUnknowns = (properties: Properties): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => !containsUnknowns(value)));
