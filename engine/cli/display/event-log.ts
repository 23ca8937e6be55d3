/** `--event-log`: every event for a program that follows the operation, such as the Automation API. */
import fs from "node:fs";
import type { Display } from "./display";
import { EventLines, type JsonOptions } from "./event-json";

const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = fs.constants;

/** @param target a file, or `tcp://host:port` of a server that speaks pulumirpc.Events. */
export async function eventLog(target: string, options: JsonOptions): Promise<Display> {
  if (target.startsWith("tcp://")) return streamedLog(target.slice("tcp://".length), options);
  const descriptor = fs.openSync(target, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
  // Written at once: whoever follows the file waits for it.
  const lines = new EventLines(options, (line) => void fs.writeSync(descriptor, line), true);
  return {
    event: (event) => lines.event(event),
    end: () => {
      lines.end();
      fs.closeSync(descriptor);
    },
  };
}

async function streamedLog(address: string, options: JsonOptions): Promise<Display> {
  const { EventsClient } = await import("@pulumi/pulumi/proto/events_grpc_pb");
  const { EventRequest } = await import("@pulumi/pulumi/proto/events_pb");
  const { connect } = await import("../../hosts/grpc");
  const client = connect(EventsClient, address);
  let answered: () => void = () => undefined;
  // A follower that goes away must not end the operation.
  const done = new Promise<void>((resolve) => (answered = resolve));
  const stream = client.streamEvents(() => answered());
  const send = (line: string): void => {
    const request = new EventRequest();
    request.setEvent(line);
    stream.write(request);
  };
  const lines = new EventLines(options, send, true);
  return {
    event: (event) => lines.event(event),
    end: async () => {
      lines.end();
      stream.end();
      await done;
      client.close();
    },
  };
}
