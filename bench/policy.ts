/** `npm run bench policy`: the whole policy pack over a stack of 1,000 resources, as the engine asks it: in milliseconds a resource. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { execa } from "execa";
import { z } from "zod";
import { policyArguments } from "../pipeline/policy-arguments";
import { openCloudWorkspace } from "../pipeline/workspace";

const amount = 1000;

/** What the benchmark needs of `preview --json`. */
const planSchema = z.object({
  steps: z.array(
    z.object({
      urn: z.string(),
      newState: z
        .object({ type: z.string(), inputs: z.record(z.string(), z.unknown()).optional() })
        .optional(),
    }),
  ),
});

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** The resources of production's plan, as the pack is asked about them in its preview. */
async function plannedResources(root: string): Promise<Resource[]> {
  const workspace = openCloudWorkspace(root, "production");
  const { stack, configFile, environment } = workspace;
  const preview = [
    "preview",
    "--json",
    "--stack",
    stack,
    "--config-file",
    configFile,
    ...policyArguments(workspace),
  ];
  // It fails for the want of evidence; the plan is whole all the same.
  const options = { cwd: root, env: environment, reject: false } as const;
  const { stdout } = await execa(process.execPath, ["engine/dist/main.js", ...preview], options);
  return planSchema
    .parse(JSON.parse(stdout))
    .steps.flatMap(({ urn, newState }) =>
      newState?.inputs === undefined ? [] : [{ urn, type: newState.type, inputs: newState.inputs }],
    );
}

export async function benchPolicy(say: (line: string) => void): Promise<void> {
  const server = spawn(process.execPath, ["dist/index.js"], {
    cwd: "policy",
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [port] = (await once(server.stdout, "data")) as [Buffer];
    const address = `127.0.0.1:${port.toString().trim()}`;
    const client = new AnalyzerClient(address, grpc.credentials.createInsecure());
    const planned = await plannedResources(process.cwd());
    const resources = Array.from(
      { length: amount },
      (_, index) => planned[index % planned.length] as Resource,
    );
    const analyze = (resource: Resource): Promise<void> =>
      new Promise((resolve, reject) => {
        client.analyze(request(resource), (error) => (error === null ? resolve() : reject(error)));
      });
    for (const resource of resources.slice(0, 100)) await analyze(resource);
    const started = performance.now();
    for (const resource of resources) await analyze(resource);
    const milliseconds = (performance.now() - started) / amount;
    say(
      `whole pack, ${amount} resources, production's plan over and over: ${milliseconds.toFixed(2)} ms a resource`,
    );
    client.close();
  } finally {
    server.kill();
  }
}

function request({ urn, type, inputs }: Resource): proto.AnalyzeRequest {
  const message = new proto.AnalyzeRequest();
  message.setType(type);
  message.setName(urn.split("::").at(-1) ?? "");
  message.setUrn(urn);
  message.setProperties(Struct.fromJavaScript(inputs as Record<string, JavaScriptValue>));
  message.setOptions(new proto.AnalyzerResourceOptions());
  return message;
}
