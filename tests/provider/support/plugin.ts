/** The plugin as the engine meets it: a process of its own, spoken to over gRPC. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "../../../engine/values";

type Unary<Request, Response> = (
  request: Request,
  done: (error: grpc.ServiceError | null, response: Response) => void,
) => grpc.ClientUnaryCall;

export class Plugin {
  readonly client: ResourceProviderClient;

  private constructor(
    readonly process: ChildProcess,
    readonly port: number,
  ) {
    this.client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  static async start(): Promise<Plugin> {
    const child = spawn(process.execPath, ["--import", "tsx", "provider/index.ts"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return new Plugin(child, Number(line.toString()));
  }

  /** The same plugin, reached at another port. */
  at(port: number): Plugin {
    return new Plugin(this.process, port);
  }

  call<Request, Response>(method: Unary<Request, Response>, request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      method.call(this.client, request, (error, response) => (error ? reject(error) : resolve(response)));
    });
  }

  async check(
    type: string,
    news: Properties,
  ): Promise<{ inputs: unknown; failures: proto.CheckFailure.AsObject[] }> {
    const request = new proto.CheckRequest().setUrn(urn(type)).setOlds(struct({})).setNews(struct(news));
    const response = await this.call<proto.CheckRequest, proto.CheckResponse>(
      (...args) => this.client.check(...args),
      request,
    );
    return { inputs: response.getInputs()?.toJavaScript(), failures: response.toObject().failuresList };
  }

  async create(type: string, inputs: Properties, options: { preview?: boolean; timeout?: number } = {}) {
    const request = new proto.CreateRequest()
      .setUrn(urn(type))
      .setProperties(struct(inputs))
      .setPreview(options.preview ?? false)
      .setTimeout(options.timeout ?? 0);
    const response = await this.call<proto.CreateRequest, proto.CreateResponse>(
      (...args) => this.client.create(...args),
      request,
    );
    return { id: response.getId(), properties: response.getProperties()?.toJavaScript() };
  }

  /** Ends the process and answers its exit code. */
  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
    this.client.close();
    if (this.process.exitCode === null) {
      this.process.kill(signal);
      await once(this.process, "exit");
    }
    return this.process.exitCode;
  }
}

export function urn(type: string): string {
  return `urn:pulumi:local::slipway::slipway:deployments:Direct$${type}::sample`;
}

export function struct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties);
}
