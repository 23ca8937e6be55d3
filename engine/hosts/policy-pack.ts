/** Policy packs: their processes, and what is asked of them (pkg/resource/plugin/analyzer_plugin.go). */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Metadata } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { parse } from "yaml";
import type { AnalyzerResource, EventSink, PolicyDiagnostic, PolicyPack, PolicyRemediation } from "../model";
import {
  LEVELS,
  SEVERITIES,
  SHOWN,
  WHOLE,
  analyzeRequest,
  configureRequest,
  describePolicy,
  stackRequest,
  stackResource,
} from "./analyzer-messages";
import { connect, errorText, isServiceError } from "./grpc";
import type { Send } from "./grpc";
import { moduleArguments, nodeEnvironment, parseNodeOptions } from "./node-runtime";
import { readRuntime } from "./plugin-host";
import { PluginProcess } from "./plugin-process";
import { layerPolicyConfig, parsePolicyConfig, policyConfigFaults } from "./policy-config";
import type { PolicyConfig } from "./policy-config";
import { outputDiagnostics } from "./program";
import type { UpdateInfo } from "./program";
import { fromStruct } from "./wire";

/** A pack to load: its directory, and its `--policy-pack-config` file if there is one. */
export interface PackSource {
  path: string;
  configFile?: string;
}

/**
 * Starts and configures packs, all at once. When one cannot be loaded the others are ended, and the error says which and why.
 * Each pack loaded is told by an event.
 */
export async function loadPolicyPacks(
  sources: PackSource[],
  info: UpdateInfo,
  engineAddress: string,
  events: EventSink,
): Promise<PolicyPack[]> {
  const results = await Promise.allSettled(
    sources.map((source) => ProcessPolicyPack.load(source, info, engineAddress, events)),
  );
  const packs = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failure = results.find((result) => result.status === "rejected");
  if (failure) {
    await Promise.all(packs.map((pack) => pack.close()));
    throw failure.reason;
  }
  for (const { name, version, path } of packs) events({ kind: "policy-load", name, version, path });
  return packs;
}

class ProcessPolicyPack implements PolicyPack {
  name = "";
  version = "";
  /** Policy name → severity, for violations that do not say one. */
  private readonly severities = new Map<string, string>();
  /** Policy name → what to do about a violation. */
  private readonly remedies = new Map<string, string>();

  private constructor(
    readonly path: string,
    private readonly process: PluginProcess,
    private readonly client: AnalyzerClient,
  ) {}

  static async load(
    { path: given, configFile }: PackSource,
    info: UpdateInfo,
    engineAddress: string,
    events: EventSink,
  ): Promise<ProcessPolicyPack> {
    const path = resolve(given);
    const description = join(path, "PulumiPolicy.yaml");
    if (!existsSync(description)) throw new Error(`no policy pack at ${path}: there is no PulumiPolicy.yaml`);
    const layer =
      configFile === undefined ? {} : parsePolicyConfig(readFileSync(configFile, "utf8"), configFile);
    const options = parseNodeOptions(readRuntime(description), description);
    const plugin = await PluginProcess.start(`the policy pack ${path}`, {
      command: process.execPath,
      args: moduleArguments("run-policy-pack", path, options, engineAddress),
      cwd: path,
      env: { ...process.env, ...packEnvironment(info), ...nodeEnvironment(options) },
      onLine: outputDiagnostics(events),
    });
    const pack = new ProcessPolicyPack(path, plugin, connect(AnalyzerClient, plugin.address));
    try {
      await pack.configure(info, engineAddress, layer, configFile);
    } catch (error) {
      await pack.close();
      throw error;
    }
    const { version } = (parse(readFileSync(description, "utf8")) ?? {}) as { version?: unknown };
    if (typeof version === "string" || typeof version === "number") pack.version = String(version);
    return pack;
  }

  private async configure(
    info: UpdateInfo,
    engineAddress: string,
    layer: PolicyConfig,
    configFile: string | undefined,
  ): Promise<void> {
    const { client } = this;
    const handshake = new proto.AnalyzerHandshakeRequest();
    handshake.setEngineAddress(engineAddress);
    handshake.setRootDirectory(this.path);
    handshake.setProgramDirectory(this.path);
    const metadata = new Metadata({ waitForReady: true });
    await this.optional("start", new proto.AnalyzerHandshakeResponse(), (done) =>
      client.handshake(handshake, metadata, this.process.firstCall(), done),
    );
    await this.optional(
      "take the stack's configuration",
      new proto.AnalyzerStackConfigureResponse(),
      (done) => client.configureStack(stackRequest(info), done),
    );
    const answer = await this.call<proto.AnalyzerInfo>("describe itself", (done) =>
      client.getAnalyzerInfo(new Empty(), done),
    );
    this.name = answer.getName();
    this.version = answer.getVersion();
    for (const policy of answer.getPoliciesList()) {
      const severity = SEVERITIES[policy.getSeverity()];
      if (severity !== undefined) this.severities.set(policy.getName(), severity);
      if (policy.getRemediationSteps() !== "")
        this.remedies.set(policy.getName(), policy.getRemediationSteps());
    }
    if (!answer.getSupportsconfig()) return;
    const policies = answer.getPoliciesList().map(describePolicy);
    const initial: PolicyConfig = {};
    answer.getInitialconfigMap().forEach((settings, policy) => {
      const enforcementLevel = LEVELS[settings.getEnforcementlevel()];
      initial[policy] = { enforcementLevel, properties: fromStruct(settings.getProperties()) };
    });
    const config = layerPolicyConfig(policies, [initial, layer]);
    const faults = policyConfigFaults(policies, config);
    if (faults.length > 0) {
      const where = configFile === undefined ? "" : ` (from ${configFile})`;
      throw new Error(
        `the configuration of policy pack ${this.name}${where} is not valid:\n  ${faults.join("\n  ")}`,
      );
    }
    await this.call("take its configuration", (done) => client.configure(configureRequest(config), done));
  }

  async remediate(resource: AnalyzerResource): Promise<PolicyRemediation[]> {
    const request = analyzeRequest(resource, WHOLE);
    const response = await this.optional(`remediate ${resource.urn}`, new proto.RemediateResponse(), (done) =>
      this.client.remediate(request, done),
    );
    return response.getRemediationsList().map((remediation) => ({
      policyName: remediation.getPolicyname(),
      policyPackName: remediation.getPolicypackname(),
      policyPackVersion: this.version,
      description: remediation.getDescription(),
      ...(remediation.hasProperties() ? { properties: fromStruct(remediation.getProperties()) } : {}),
      ...(remediation.getDiagnostic() === "" ? {} : { diagnostic: remediation.getDiagnostic() }),
    }));
  }

  async analyze(resource: AnalyzerResource): Promise<PolicyDiagnostic[]> {
    const request = analyzeRequest(resource, SHOWN);
    const response = await this.call<proto.AnalyzeResponse>(`analyze ${resource.urn}`, (done) =>
      this.client.analyze(request, done),
    );
    return this.diagnostics(response);
  }

  async analyzeStack(resources: AnalyzerResource[]): Promise<PolicyDiagnostic[]> {
    const request = new proto.AnalyzeStackRequest();
    request.setResourcesList(resources.map(stackResource));
    const response = await this.optional("analyze the stack", new proto.AnalyzeResponse(), (done) =>
      this.client.analyzeStack(request, done),
    );
    return this.diagnostics(response);
  }

  async close(): Promise<void> {
    this.client.close();
    await this.process.stop();
  }

  private diagnostics(response: proto.AnalyzeResponse): PolicyDiagnostic[] {
    return response.getDiagnosticsList().map((diagnostic) => {
      const policyName = diagnostic.getPolicyname();
      const severity = SEVERITIES[diagnostic.getSeverity()] ?? this.severities.get(policyName);
      const remediationSteps = this.remedies.get(policyName);
      return {
        policyName,
        policyPackName: diagnostic.getPolicypackname(),
        policyPackVersion: this.version,
        description: diagnostic.getDescription(),
        message: diagnostic.getMessage(),
        enforcementLevel: LEVELS[diagnostic.getEnforcementlevel()],
        ...(severity === undefined ? {} : { severity }),
        ...(remediationSteps === undefined ? {} : { remediationSteps }),
        urn: diagnostic.getUrn(),
      };
    });
  }

  private call<Response>(task: string, send: Send<Response>): Promise<Response> {
    return this.process.call(task, send).catch(rethrow);
  }

  /** A call that packs need not implement. */
  private optional<Response>(task: string, otherwise: Response, send: Send<Response>): Promise<Response> {
    return this.process.callOptional(task, otherwise, send).catch(rethrow);
  }
}

/** The SDK sends a stack trace along; its first frame says where, the others say nothing to the user. */
function rethrow(error: unknown): never {
  if (!isServiceError(error)) throw error;
  const lines = errorText(error).split("\n");
  const firstFrame = lines.findIndex((line) => /^\s+at /.test(line));
  throw new Error(lines.filter((line, index) => index <= firstFrame || !/^\s+at /.test(line)).join("\n"));
}

function packEnvironment(info: UpdateInfo): NodeJS.ProcessEnv {
  return {
    PULUMI_NODEJS_ORGANIZATION: info.organization,
    PULUMI_NODEJS_PROJECT: info.project,
    PULUMI_NODEJS_STACK: info.stack,
    PULUMI_NODEJS_DRY_RUN: String(info.dryRun),
    // Unlike the program's: the keys stay `namespace:name`.
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(info.config)),
  };
}
