/**
 * The plugin's side of Pulumi's provider protocol (proto/pulumi/provider.proto), for a table of resource kinds. The SDK's own server
 * (`pulumi.provider.main`) has no preview flag, no detailed diff and no cancel, and takes longer to start.
 */
import * as grpc from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { DiffKind } from "../engine/model";
import type { Properties } from "../engine/values";
import { unwrapSecrets } from "../engine/values";
import { checkInputs } from "./check";
import { diffResource } from "./diff";
import type { Tell } from "./engine-log";
import type { Context, ResourceKind } from "./resource";

/** Evidence may be long; the limit of the CLI and of every SDK (sdk/nodejs/runtime/settings.ts). */
const maxMessageBytes = 400 * 1024 * 1024;

export interface PluginServer {
  port: number;
  /** Ends every wait: what is half done is put back, and its call fails. Resolves when every call is answered. */
  close(): Promise<void>;
}

/**
 * Serves the kinds (by type token) on a free port of the loopback interface.
 * @param tell takes what the operations say while they are at it
 */
export async function serve(
  kinds: Readonly<Record<string, ResourceKind<object, object>>>,
  version: string,
  world: Omit<Context, "signal" | "progress">,
  tell: Tell,
): Promise<PluginServer> {
  const cancelled = new AbortController();

  /** Answers one method; a failure goes back as its message, without a stack. */
  function method<Request, Response>(
    answer: (request: Request, context: Context) => Response | Promise<Response>,
  ): grpc.handleUnaryCall<Request, Response> {
    return (call, callback) => {
      // The call is cancelled when the engine's connection ends: its process is gone, or gave up.
      const abandoned = new AbortController();
      call.on("cancelled", () => abandoned.abort(new Error("Cancelled: the engine went away.")));
      const timeout = timeoutOf(call.request);
      const limits = timeout > 0 ? [timeLimit(timeout)] : [];
      const signal = AbortSignal.any([cancelled.signal, abandoned.signal, ...limits]);
      const progress = (message: string, kind?: "passing") =>
        tell({ urn: urnOf(call.request), message, passing: kind === "passing" });
      Promise.resolve({ ...world, signal, progress })
        .then((context) => answer(call.request, context))
        .then(
          (response) => callback(null, response),
          // "Aborted" tells the engine that the resource is as it was, which every operation here sees to.
          (error: unknown) => callback({ code: grpc.status.ABORTED, details: messageOf(error) }),
        );
    };
  }

  const cancel = () => cancelled.abort(new Error("Cancelled; everything is as it was before."));

  const server = new grpc.Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(ResourceProviderService, {
    handshake: method(() => new proto.ProviderHandshakeResponse().setAcceptSecrets(true)),
    getPluginInfo: method(() => new plugin.PluginInfo().setVersion(version)),
    checkConfig: method((request: proto.CheckRequest) =>
      new proto.CheckResponse().setInputs(request.getNews()),
    ),
    configure: method(() => new proto.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
    check: method((request: proto.CheckRequest) => {
      const failures = checkInputs(kindOf(request).schema, properties(request.getNews()));
      return new proto.CheckResponse()
        .setInputs(request.getNews())
        .setFailuresList(
          failures.map(({ property, reason }) =>
            new proto.CheckFailure().setProperty(property).setReason(reason),
          ),
        );
    }),
    diff: method((request: proto.DiffRequest) => {
      const diff = diffResource(
        kindOf(request),
        properties(request.getOldInputs()),
        properties(request.getOlds()),
        properties(request.getNews()),
      );
      const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
      const response = new proto.DiffResponse()
        .setChanges(diff.changes === "none" ? DIFF_NONE : DIFF_SOME)
        .setReplacesList(diff.replaces)
        .setDeletebeforereplace(diff.deleteBeforeReplace)
        .setDiffsList(diff.diffs)
        .setHasdetaileddiff(true);
      for (const [path, { kind, inputDiff }] of Object.entries(diff.detailedDiff ?? {})) {
        response
          .getDetaileddiffMap()
          .set(path, new proto.PropertyDiff().setKind(wireKind(kind)).setInputdiff(inputDiff));
      }
      return response;
    }),
    create: method(async (request: proto.CreateRequest, context) => {
      const kind = kindOf(request);
      const wire = properties(request.getProperties());
      if (request.getPreview()) {
        return new proto.CreateResponse().setProperties(
          struct({ ...wire, ...kind.foresee?.(wire, undefined) }),
        );
      }
      const inputs = inputsOf(kind, wire);
      const computed = await kind.create(inputs, context);
      return new proto.CreateResponse()
        .setId(kind.id(inputs))
        .setProperties(struct({ ...wire, ...computed }));
    }),
    update: method(async (request: proto.UpdateRequest, context) => {
      const kind = kindOf(request);
      const wire = properties(request.getNews());
      const old = unwrapSecrets(properties(request.getOlds()));
      const computed = request.getPreview()
        ? kind.foresee?.(wire, old)
        : await kind.update(inputsOf(kind, wire), old, context);
      return new proto.UpdateResponse().setProperties(struct({ ...wire, ...computed }));
    }),
    delete: method(async (request: proto.DeleteRequest, context) => {
      await kindOf(request).delete(unwrapSecrets(properties(request.getProperties())), context);
      return new Empty();
    }),
    read: method(async (request: proto.ReadRequest, context) => {
      const state = properties(request.getProperties());
      if (Object.keys(state).length === 0) {
        throw new Error(
          `${request.getUrn()} cannot be imported: only its deployment knows what it was asked for.`,
        );
      }
      const computed = await kindOf(request).read(unwrapSecrets(state), context);
      if (computed === undefined) return new proto.ReadResponse();
      return new proto.ReadResponse()
        .setId(request.getId())
        .setInputs(request.getInputs())
        .setProperties(struct({ ...state, ...computed }));
    }),
    // Answers at once: the calls that it ends answer for themselves.
    cancel: method(() => {
      cancel();
      return new Empty();
    }),
  });

  function kindOf(request: { getUrn(): string }): ResourceKind<object, object> {
    // urn:pulumi:stack::project::parentType$type::name
    const type = request.getUrn().split("::")[2]?.split("$").at(-1) ?? "";
    const kind = kinds[type];
    if (kind === undefined) {
      throw new Error(`${type} is no resource of this provider; it has ${Object.keys(kinds).join(", ")}.`);
    }
    return kind;
  }

  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const close = async () => {
    cancel();
    await new Promise((resolve) => server.tryShutdown(resolve));
  };
  return { port, close };
}

/** The inputs as they were checked, with the defaults that the schema knows. */
function inputsOf<Inputs extends object>(kind: ResourceKind<Inputs, object>, wire: Properties): Inputs {
  return kind.schema.parse(unwrapSecrets(wire));
}

function urnOf(request: unknown): string {
  return (request as { getUrn?: () => string }).getUrn?.() ?? "";
}

function properties(message: Struct | undefined): Properties {
  return message === undefined ? {} : message.toJavaScript();
}

/** By way of JSON: what is undefined has no place in a message. */
function struct(values: object): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(values)) as Properties);
}

function wireKind(kind: DiffKind): proto.PropertyDiff.Kind {
  const name = kind.replace("-", "_").toUpperCase() as keyof typeof proto.PropertyDiff.Kind;
  return proto.PropertyDiff.Kind[name];
}

/** Create, update and delete have one: the resource's customTimeouts, in seconds; 0 for none. */
function timeoutOf(request: unknown): number {
  return request instanceof proto.CreateRequest ||
    request instanceof proto.UpdateRequest ||
    request instanceof proto.DeleteRequest
    ? request.getTimeout()
    : 0;
}

function timeLimit(seconds: number): AbortSignal {
  const limit = new AbortController();
  const reason = new Error(`Not done within ${seconds} s, the resource's customTimeouts.`);
  setTimeout(() => limit.abort(reason), seconds * 1000).unref();
  return limit.signal;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Anything but a plain Error is a fault of this program; its kind helps whoever reports it.
  return error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
}
