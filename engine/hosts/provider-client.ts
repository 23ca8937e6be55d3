/** A resource provider in another process (pkg/resource/plugin/provider_plugin.go). */
import { Metadata, status as codes } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { providedPackage } from "../deploy/urn";
import type { CheckResult, DiffResult, Provider, ReadResult, Subject } from "../model";
import { containsUnknowns, unwrapSecrets } from "../values";
import type { Properties } from "../values";
import { connect, isServiceError, isUnimplemented, unary } from "./grpc";
import type { Send } from "./grpc";
import type { PluginProcess } from "./plugin-process";
import { checkResult, diffResult, failuresOf, providerError, restoreAssets } from "./provider-answers";
import { fromStruct, toStruct } from "./wire";

/** How long a plugin may take to acknowledge Cancel before it is ended all the same. */
const CANCEL_SECONDS = 1;

/** What providers are configured with and asked of their configuration: always without secrets and references. */
const BARE = { secrets: false, resources: false, unknowns: true };
const WRAPPED = { secrets: true, resources: true, unknowns: true };

export class GrpcProvider implements Provider {
  acceptSecrets = false;
  acceptResources = false;
  supportsPreview = false;
  private handshaken = false;

  private constructor(
    private readonly process: PluginProcess,
    private readonly client: ResourceProviderClient,
  ) {}

  /**
   * Speaks to a started plugin.
   * @param directory Where the plugin is, told to it in the handshake.
   * @throws Error when the plugin does not answer within 10 seconds.
   */
  static async connect(
    process: PluginProcess,
    engineAddress: string,
    directory: string,
  ): Promise<GrpcProvider> {
    const provider = new GrpcProvider(process, connect(ResourceProviderClient, process.address));
    await provider.handshake(engineAddress, directory).catch(async (error: unknown) => {
      await provider.close();
      throw error;
    });
    return provider;
  }

  private async handshake(engineAddress: string, directory: string): Promise<void> {
    const request = new proto.ProviderHandshakeRequest();
    request.setEngineAddress(engineAddress);
    request.setRootDirectory(directory);
    request.setProgramDirectory(directory);
    request.setConfigureWithUrn(true);
    request.setSupportsRefreshBeforeUpdate(true);
    request.setInvokeWithPreview(true);
    const metadata = new Metadata({ waitForReady: true });
    try {
      const response = await this.call<proto.ProviderHandshakeResponse>("start", (done) =>
        this.client.handshake(request, metadata, this.process.firstCall(), done),
      );
      // What Configure answers does not count any more, and previews are taken for granted.
      this.handshaken = true;
      this.acceptSecrets = response.getAcceptSecrets();
      this.acceptResources = response.getAcceptResources();
      this.supportsPreview = true;
    } catch (error) {
      if (!isUnimplemented(error)) throw error;
    }
  }

  async checkConfig(subject: Subject, olds: Properties, news: Properties): Promise<CheckResult> {
    const request = about(new proto.CheckRequest(), subject);
    request.setOlds(toStruct(olds, BARE));
    request.setNews(toStruct(news, BARE));
    try {
      return checkResult(
        await this.call(`check its configuration`, (done) => this.client.checkConfig(request, done)),
      );
    } catch (error) {
      if (isLogicallyUnimplemented(error, subject)) return { inputs: news, failures: [] };
      throw error;
    }
  }

  async diffConfig(
    subject: Subject,
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    ignoreChanges: string[],
  ): Promise<DiffResult> {
    const request = about(new proto.DiffRequest(), subject);
    request.setOldInputs(toStruct(oldInputs, BARE));
    request.setOlds(toStruct(oldOutputs, BARE));
    request.setNews(toStruct(news, BARE));
    request.setIgnorechangesList(ignoreChanges);
    try {
      return diffResult(
        await this.call("diff its configuration", (done) => this.client.diffConfig(request, done)),
      );
    } catch (error) {
      if (!isLogicallyUnimplemented(error, subject)) throw error;
      return { changes: "unknown", replaces: [], deleteBeforeReplace: false, diffs: [] };
    }
  }

  async configure(subject: Subject & { id: string }, inputs: Properties): Promise<void> {
    const request = about(new proto.ConfigureRequest(), subject);
    request.setId(subject.id);
    request.setArgs(toStruct(inputs, WRAPPED));
    const variables = request.getVariablesMap();
    for (const [key, value] of Object.entries(inputs)) {
      if (key === "version") continue;
      const plain = unwrapSecrets(value);
      const text = typeof plain === "string" ? plain : JSON.stringify(plain);
      variables.set(`${providedPackage(subject.type)}:config:${key}`, text);
    }
    request.setAcceptsecrets(true);
    request.setAcceptresources(true);
    request.setSendsOldInputs(true);
    request.setSendsOldInputsToDelete(true);
    const response = await this.call<proto.ConfigureResponse>("configure itself", (done) =>
      this.client.configure(request, done),
    );
    if (this.handshaken) return;
    this.acceptSecrets = response.getAcceptsecrets();
    this.acceptResources = response.getAcceptresources();
    this.supportsPreview = response.getSupportspreview();
  }

  async check(
    subject: Subject,
    olds: Properties,
    news: Properties,
    randomSeed: Buffer,
  ): Promise<CheckResult> {
    const request = about(new proto.CheckRequest(), subject);
    request.setOlds(this.struct(olds));
    request.setNews(this.struct(news));
    request.setRandomseed(randomSeed);
    return checkResult(await this.call(`check ${subject.urn}`, (done) => this.client.check(request, done)));
  }

  async diff(
    subject: Subject & { id: string },
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    ignoreChanges: string[],
  ): Promise<DiffResult> {
    const request = about(new proto.DiffRequest(), subject);
    request.setId(subject.id);
    request.setOldInputs(this.oldStruct(oldInputs));
    request.setOlds(this.oldStruct(oldOutputs));
    request.setNews(this.struct(news, { elideAssets: true }));
    request.setIgnorechangesList(ignoreChanges);
    return diffResult(await this.call(`diff ${subject.urn}`, (done) => this.client.diff(request, done)));
  }

  async create(subject: Subject, inputs: Properties, timeoutSeconds: number, preview: boolean) {
    const request = about(new proto.CreateRequest(), subject);
    request.setProperties(this.struct(inputs, { unknowns: preview }));
    request.setTimeout(timeoutSeconds);
    request.setPreview(preview);
    const response = await this.call<proto.CreateResponse>(`create ${subject.urn}`, (done) =>
      this.client.create(request, done),
    );
    const id = response.getId();
    if (id === "" && !preview)
      throw new Error(`${this.process.label} answered the creation of ${subject.urn} without an id`);
    return { id, ...this.outcome(subject, response, preview) };
  }

  async update(
    subject: Subject & { id: string },
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    timeoutSeconds: number,
    ignoreChanges: string[],
    preview: boolean,
  ) {
    const request = about(new proto.UpdateRequest(), subject);
    request.setId(subject.id);
    request.setOldInputs(this.oldStruct(oldInputs, false));
    request.setOlds(this.oldStruct(oldOutputs, false));
    request.setNews(this.struct(news, { unknowns: preview }));
    request.setTimeout(timeoutSeconds);
    request.setIgnorechangesList(ignoreChanges);
    request.setPreview(preview);
    const response = await this.call<proto.UpdateResponse>(`update ${subject.urn}`, (done) =>
      this.client.update(request, done),
    );
    return this.outcome(subject, response, preview);
  }

  async delete(
    subject: Subject & { id: string },
    oldInputs: Properties,
    oldOutputs: Properties,
    timeoutSeconds: number,
  ): Promise<void> {
    const request = about(new proto.DeleteRequest(), subject);
    request.setId(subject.id);
    request.setOldInputs(this.oldStruct(oldInputs, false));
    request.setProperties(this.oldStruct(oldOutputs, false));
    request.setTimeout(timeoutSeconds);
    await this.call(`delete ${subject.urn}`, (done) => this.client.delete(request, done));
  }

  async read(
    subject: Subject & { id: string },
    inputs: Properties | undefined,
    state: Properties | undefined,
  ): Promise<ReadResult> {
    const request = about(new proto.ReadRequest(), subject);
    request.setId(subject.id);
    if (inputs) request.setInputs(this.oldStruct(inputs, false));
    if (state) request.setProperties(this.oldStruct(state, false));
    const response = await this.call<proto.ReadResponse>(`read ${subject.urn}`, (done) =>
      this.client.read(request, done),
    );
    const restored = (struct: Struct | undefined): Properties =>
      restoreAssets(fromStruct(struct), inputs ?? {});
    return {
      id: response.getId(),
      properties: restored(response.getProperties()),
      ...(response.hasInputs() ? { inputs: restored(response.getInputs()) } : {}),
    };
  }

  async invoke(token: string, args: Properties, preview: boolean) {
    const request = new proto.InvokeRequest();
    request.setTok(token);
    request.setArgs(this.struct(args, { unknowns: false }));
    request.setPreview(preview);
    const response = await this.call<proto.InvokeResponse>(`invoke ${token}`, (done) =>
      this.client.invoke(request, done),
    );
    return { result: fromStruct(response.getReturn()), failures: failuresOf(response.getFailuresList()) };
  }

  async cancel(): Promise<void> {
    if (this.process.ended) return;
    await unary((done) =>
      this.client.cancel(new Empty(), new Metadata(), { deadline: Date.now() + CANCEL_SECONDS * 1000 }, done),
    ).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.cancel();
    this.client.close();
    await this.process.stop();
  }

  private struct(properties: Properties, also: { unknowns?: boolean; elideAssets?: boolean } = {}): Struct {
    const { acceptSecrets: secrets, acceptResources: resources } = this;
    return toStruct(properties, { secrets, resources, unknowns: true, ...also });
  }

  /** Old state: the files of its assets may be gone. */
  private oldStruct(properties: Properties, unknowns = true): Struct {
    return this.struct(properties, { unknowns, elideAssets: true });
  }

  private outcome(subject: Subject, response: proto.CreateResponse | proto.UpdateResponse, preview: boolean) {
    const properties = fromStruct(response.getProperties());
    if (!preview && containsUnknowns(properties)) {
      throw new Error(`${this.process.label} answered for ${subject.urn} with a value that is not known`);
    }
    return { properties, refreshBeforeUpdate: response.getRefreshBeforeUpdate() };
  }

  /** @param task What the plugin is asked to do, for the error when it ends instead. */
  private async call<Response>(task: string, send: Send<Response>): Promise<Response> {
    return this.process.call(task, send).catch((error: unknown) => {
      if (!isServiceError(error) || error.code === codes.UNIMPLEMENTED) throw error;
      throw providerError(error);
    });
  }
}

function about<
  Request extends {
    setUrn(urn: string): unknown;
    setName(name: string): unknown;
    setType(type: string): unknown;
  },
>(request: Request, { urn, name, type }: Subject): Request {
  request.setUrn(urn);
  request.setName(name);
  request.setType(type);
  return request;
}

/** The dynamic provider of old Node SDKs answered with an empty message where it meant UNIMPLEMENTED. */
function isLogicallyUnimplemented(error: unknown, { type }: Subject): boolean {
  if (isUnimplemented(error)) return true;
  return type === "pulumi:providers:pulumi-nodejs" && isServiceError(error) && error.code === codes.INTERNAL;
}
