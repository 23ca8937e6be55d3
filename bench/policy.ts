/** `npm run bench policy`: the whole policy pack over a stack of 1,000 resources, as the engine asks it: in milliseconds a resource. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { container } from "../tests/policy/compliant";
import { compliantTypes, infrastructure } from "../tests/policy/infrastructure";
import { urnOf, type TestResource } from "../tests/policy/support";

const amount = 1000;

export async function benchPolicy(say: (line: string) => void): Promise<void> {
  const server = spawn(process.execPath, ["dist/index.js"], {
    cwd: "policy",
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [port] = (await once(server.stdout, "data")) as [Buffer];
    const address = `127.0.0.1:${port.toString().trim()}`;
    const client = new AnalyzerClient(address, grpc.credentials.createInsecure());
    const kinds = [container(), ...compliantTypes.map((type) => infrastructure(type))];
    const resources = Array.from({ length: amount }, (_, index): TestResource => {
      const kind = kinds[index % kinds.length] ?? container();
      return { ...kind, name: `${kind.name}-${index}` };
    });
    const analyze = (resource: TestResource): Promise<void> =>
      new Promise((resolve, reject) => {
        client.analyze(request(resource), (error) => (error === null ? resolve() : reject(error)));
      });
    for (const resource of resources.slice(0, 100)) await analyze(resource);
    const started = performance.now();
    for (const resource of resources) await analyze(resource);
    const milliseconds = (performance.now() - started) / amount;
    say(`whole pack, ${amount} resources of ${kinds.length} types: ${milliseconds.toFixed(2)} ms a resource`);
    client.close();
  } finally {
    server.kill();
  }
}

function request({ type, name, props }: TestResource): proto.AnalyzeRequest {
  const options = new proto.AnalyzerResourceOptions();
  options.setProtect(true);
  const message = new proto.AnalyzeRequest();
  message.setType(type);
  message.setName(name);
  message.setUrn(urnOf({ type, name, props }));
  message.setProperties(Struct.fromJavaScript(props as Record<string, JavaScriptValue>));
  message.setOptions(options);
  return message;
}
