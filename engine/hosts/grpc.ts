/** gRPC as Pulumi uses it: plaintext on the loopback interface. */
import * as grpc from "@grpc/grpc-js";
import { DeploymentStopped } from "../deploy/context";

/** The message limit of the CLI and of every SDK: 400 MiB (sdk/nodejs/runtime/settings.ts). */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

export const CHANNEL_OPTIONS: grpc.ChannelOptions = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  // A proxy from the environment must not stand between processes of one machine.
  "grpc.enable_http_proxy": 0,
};

export type ClientConstructor<C> = new (
  address: string,
  credentials: grpc.ChannelCredentials,
  options: grpc.ChannelOptions,
) => C;

export function connect<C>(constructor: ClientConstructor<C>, address: string): C {
  return new constructor(address, grpc.credentials.createInsecure(), CHANNEL_OPTIONS);
}

/** Sends a request and passes on how to be told of the answer. */
export type Send<Response> = (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown;

/** One call of a generated client: `unary((done) => client.check(request, done))`. Rejects with gRPC's `ServiceError`. */
export function unary<Response>(send: Send<Response>): Promise<Response> {
  return new Promise((resolve, reject) => {
    send((error, response) => (error ? reject(error) : resolve(response)));
  });
}

export const isServiceError = (error: unknown): error is grpc.ServiceError =>
  error instanceof Error && "code" in error && "details" in error && "metadata" in error;

export const isUnimplemented = (error: unknown): boolean =>
  isServiceError(error) && error.code === grpc.status.UNIMPLEMENTED;

/** What the other side said, without gRPC's own words around it. */
export const errorText = (error: unknown): string =>
  isServiceError(error) ? error.details : error instanceof Error ? error.message : String(error);

/**
 * A method of a server from an async function. A deployment that has stopped is answered UNAVAILABLE, at which the SDK ends the
 * program without a word; any other error goes back as UNKNOWN with its message.
 */
export function handler<Request, Response>(
  answer: (request: Request) => Promise<Response> | Response,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (response) => callback(null, response),
        (error: unknown) =>
          callback({
            code: error instanceof DeploymentStopped ? grpc.status.UNAVAILABLE : grpc.status.UNKNOWN,
            details: errorText(error),
          }),
      );
  };
}

export interface RunningServer {
  /** `127.0.0.1:port`. */
  address: string;
  /** Ends every connection at once: only when nobody waits for an answer any more. */
  close(): void;
}

/** Serves on a free port of the loopback interface. */
export async function serve(
  services: [grpc.ServiceDefinition<grpc.UntypedServiceImplementation>, grpc.UntypedServiceImplementation][],
): Promise<RunningServer> {
  const server = new grpc.Server(CHANNEL_OPTIONS);
  for (const [definition, implementation] of services) server.addService(definition, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    close: () => server.forceShutdown(),
  };
}
