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

/** How configuration is checked: before anything of the provider is known. */
const BARE = { secrets: false, resources: false, unknowns: true };
/** How it is then given to the provider. */
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
    const request = new proto.ProviderHandshakeRequest()
      .setEngineAddress(engineAddress)
      .setRootDirectory(directory)
      .setProgramDirectory(directory)
      .setConfigureWithUrn(true)
      .setSupportsRefreshBeforeUpdate(true)
      .setInvokeWithPreview(true);
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
    const request = about(new proto.CheckRequest(), subject)
      .setOlds(toStruct(olds, BARE))
      .setNews(toStruct(news, BARE));
    return this.call<proto.CheckResponse>("check its configuration", (done) =>
      this.client.checkConfig(request, done),
    ).then(checkResult, otherwise({ inputs: news, failures: [] }));
  }

  async diffConfig(
    subject: Subject,
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    ignoreChanges: string[],
  ): Promise<DiffResult> {
    const request = about(new proto.DiffRequest(), subject)
      .setOldInputs(toStruct(oldInputs, BARE))
      .setOlds(toStruct(oldOutputs, BARE))
      .setNews(toStruct(news, BARE))
      .setIgnorechangesList(ignoreChanges);
    return this.call<proto.DiffResponse>("diff its configuration", (done) =>
      this.client.diffConfig(request, done),
    ).then(
      diffResult,
      otherwise({ changes: "unknown", replaces: [], deleteBeforeReplace: false, diffs: [] }),
    );
  }

  async configure(subject: Subject & { id: string }, inputs: Properties): Promise<void> {
    const request = about(new proto.ConfigureRequest(), subject)
      .setId(subject.id)
      .setArgs(toStruct(inputs, WRAPPED))
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setSendsOldInputs(true)
      .setSendsOldInputsToDelete(true);
    const variables = request.getVariablesMap();
    for (const [key, value] of Object.entries(inputs)) {
      if (key === "version") continue;
      const plain = unwrapSecrets(value);
      const text = typeof plain === "string" ? plain : JSON.stringify(plain);
      variables.set(`${providedPackage(subject.type)}:config:${key}`, text);
    }
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
    const request = about(new proto.CheckRequest(), subject)
      .setOlds(this.struct(olds))
      .setNews(this.struct(news))
      .setRandomseed(randomSeed);
    return checkResult(await this.call(`check ${subject.urn}`, (done) => this.client.check(request, done)));
  }

  async diff(
    subject: Subject & { id: string },
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    ignoreChanges: string[],
  ): Promise<DiffResult> {
    const request = about(new proto.DiffRequest(), subject)
      .setId(subject.id)
      .setOldInputs(this.oldStruct(oldInputs))
      .setOlds(this.oldStruct(oldOutputs))
      .setNews(this.struct(news, { elideAssets: true }))
      .setIgnorechangesList(ignoreChanges);
    return diffResult(await this.call(`diff ${subject.urn}`, (done) => this.client.diff(request, done)));
  }

  async create(subject: Subject, inputs: Properties, timeoutSeconds: number, preview: boolean) {
    const request = about(new proto.CreateRequest(), subject)
      .setProperties(this.struct(inputs, { unknowns: preview }))
      .setTimeout(timeoutSeconds)
      .setPreview(preview);
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
    const request = about(new proto.UpdateRequest(), subject)
      .setId(subject.id)
      .setOldInputs(this.oldStruct(oldInputs, false))
      .setOlds(this.oldStruct(oldOutputs, false))
      .setNews(this.struct(news, { unknowns: preview }))
      .setTimeout(timeoutSeconds)
      .setIgnorechangesList(ignoreChanges)
      .setPreview(preview);
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
    const request = about(new proto.DeleteRequest(), subject)
      .setId(subject.id)
      .setOldInputs(this.oldStruct(oldInputs, false))
      .setProperties(this.oldStruct(oldOutputs, false))
      .setTimeout(timeoutSeconds);
    await this.call(`delete ${subject.urn}`, (done) => this.client.delete(request, done));
  }

  async read(
    subject: Subject & { id: string },
    inputs: Properties | undefined,
    state: Properties | undefined,
  ): Promise<ReadResult> {
    const request = about(new proto.ReadRequest(), subject).setId(subject.id);
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
    const request = new proto.InvokeRequest()
      .setTok(token)
      .setArgs(this.struct(args, { unknowns: false }))
      .setPreview(preview);
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

/** What a method that the provider does not implement is taken to answer. */
const otherwise =
  <T>(answer: T) =>
  (error: unknown): T => {
    if (isUnimplemented(error)) return answer;
    throw error;
  };
