/** What operations say while they are at it, told to the engine, which shows it beside the resource. */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

export interface Message {
  urn: string;
  message: string;
  /** Shown until the next message, and not among those that stay. */
  passing: boolean;
}
export type Tell = (message: Message) => void;

const deadlineMs = 5_000;

/** Sends to the engine at `host:port`; what does not arrive is lost, and without an address everything is. */
export function openEngineLog(address: string | undefined): Tell {
  if (address === undefined) return () => undefined;
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  return ({ urn, message, passing }) => {
    // No stream number: each message stands for itself.
    const request = new LogRequest()
      .setSeverity(LogSeverity.INFO)
      .setUrn(urn)
      .setMessage(message)
      .setEphemeral(passing);
    client.log(request, new grpc.Metadata(), { deadline: Date.now() + deadlineMs }, () => undefined);
  };
}
