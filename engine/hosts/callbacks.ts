/** Functions of the program that the engine calls back: transforms and resource hooks. */
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { CallbackInvokeRequest } from "@pulumi/pulumi/proto/callback_pb";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import { ResourceHookRequest, ResourceHookResponse } from "@pulumi/pulumi/proto/resource_pb";
import type { RegisterResourceHookRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { HookCall, HookRunner } from "../deploy/context";
import type { EventSink } from "../model";
import { connect, errorText, unary } from "./grpc";
import { toStruct } from "./wire";

/** Hooks and transforms see everything as it is. */
export const EVERYTHING = { secrets: true, resources: true, unknowns: true };

export type CallbackFunction = (request: Uint8Array) => Promise<Uint8Array>;

/** Connections to the callback servers of programs, one for each address. */
export class CallbackClients {
  private readonly clients = new Map<string, CallbacksClient>();

  /** The function behind a callback; it rejects with what the function threw. */
  bind(callback: Callback | undefined): CallbackFunction {
    const target = callback?.getTarget() ?? "";
    if (target === "") throw new Error("target must be specified");
    const token = callback?.getToken() ?? "";
    const client = this.clients.get(target) ?? connect(CallbacksClient, target);
    this.clients.set(target, client);
    return async (bytes) => {
      const request = new CallbackInvokeRequest();
      request.setToken(token);
      request.setRequest(bytes);
      try {
        return (
          await unary<{ getResponse_asU8(): Uint8Array }>((done) => client.invoke(request, done))
        ).getResponse_asU8();
      } catch (error) {
        throw new Error(errorText(error));
      }
    };
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
  }
}

interface Hook {
  call: CallbackFunction;
  onDryRun: boolean;
  ignoreErrors: boolean;
}

/** The resource hooks that a program registered, by name. */
export class ResourceHooks implements HookRunner {
  private readonly hooks = new Map<string, Hook>();

  constructor(
    private readonly clients: CallbackClients,
    private readonly dryRun: boolean,
    private readonly events: EventSink,
  ) {}

  register(request: RegisterResourceHookRequest): void {
    const name = request.getName();
    if (this.hooks.has(name)) throw new Error(`resource hook already registered for name "${name}"`);
    this.hooks.set(name, {
      call: this.clients.bind(request.getCallback()),
      onDryRun: request.getOnDryRun(),
      ignoreErrors: request.getIgnoreErrors(),
    });
  }

  async run(name: string, call: HookCall): Promise<void> {
    const hook = this.hooks.get(name);
    if (!hook) throw new Error(`the program registered no resource hook named "${name}"`);
    if (this.dryRun && !hook.onDryRun) return;
    const failure = await hook
      .call(hookRequest(call).serializeBinary())
      .then((bytes) => ResourceHookResponse.deserializeBinary(bytes).getError(), errorText);
    if (failure === "") return;
    const message = `resource hook "${name}" failed: ${failure}`;
    if (!hook.ignoreErrors) throw new Error(message);
    this.events({ kind: "diagnostic", severity: "warning", message, urn: call.urn });
  }
}

function hookRequest(call: HookCall): ResourceHookRequest {
  const request = new ResourceHookRequest();
  request.setUrn(call.urn);
  request.setId(call.id);
  request.setName(call.name);
  request.setType(call.type);
  if (call.newInputs) request.setNewInputs(toStruct(call.newInputs, EVERYTHING));
  if (call.oldInputs) request.setOldInputs(toStruct(call.oldInputs, EVERYTHING));
  if (call.newOutputs) request.setNewOutputs(toStruct(call.newOutputs, EVERYTHING));
  if (call.oldOutputs) request.setOldOutputs(toStruct(call.oldOutputs, EVERYTHING));
  return request;
}
