/** The Engine service: what programs, plugins and packs tell the engine itself. */
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import {
  GetRootResourceResponse,
  LogSeverity,
  RequirePulumiVersionResponse,
  SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import type { LogRequest, SetRootResourceRequest } from "@pulumi/pulumi/proto/engine_pb";
import type { EventSink, Severity } from "../model";
import { present } from "./goal";
import { handler } from "./grpc";

const SEVERITIES: Record<LogSeverity, Severity> = {
  [LogSeverity.DEBUG]: "debug",
  [LogSeverity.INFO]: "info",
  [LogSeverity.WARNING]: "warning",
  [LogSeverity.ERROR]: "error",
};

export function engineService(events: EventSink) {
  let rootUrn = "";
  return {
    // An error is for the user to see; it fails nothing.
    log: handler((request: LogRequest) => {
      events({
        kind: "diagnostic",
        severity: SEVERITIES[request.getSeverity()] ?? "debug",
        message: request.getMessage(),
        ...present("urn", request.getUrn()),
        streamId: request.getStreamid(),
        ephemeral: request.getEphemeral(),
      });
      return new Empty();
    }),
    getRootResource: handler(() => new GetRootResourceResponse().setUrn(rootUrn)),
    setRootResource: handler((request: SetRootResourceRequest) => {
      rootUrn = request.getUrn();
      return new SetRootResourceResponse();
    }),
    startDebugging: handler(() => new Empty()),
    // Like a CLI built without a version, this engine passes every range (pkg/resource/plugin/plugin.go).
    requirePulumiVersion: handler(() => new RequirePulumiVersionResponse()),
  };
}
