import assert from "node:assert/strict";
import { credentials, status, type ServiceError } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity, RequirePulumiVersionRequest } from "@pulumi/pulumi/proto/engine_pb";
import type { CallResponse, InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import { ResourceMonitorClient } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  Parameterization,
  ReadResourceRequest,
  RegisterPackageRequest,
  RegisterResourceHookRequest,
  RegisterResourceRequest,
  ResourceCallRequest,
  ResourceInvokeRequest,
  SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import type {
  DeploymentInfo,
  ReadResourceResponse,
  RegisterPackageResponse,
  RegisterResourceResponse,
  SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { DeploymentStopped } from "../../../engine/deploy/context";
import { unary } from "../../../engine/hosts/grpc";
import { Monitor } from "../../../engine/hosts/monitor";
import { UNKNOWN, makeSecret } from "../../../engine/values";
import { EventLog, Recorder, info } from "./support";

const STACK = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s";
const FIRST = "urn:pulumi:s::p::tst:index:Thing::first";
const PROVIDER = "urn:pulumi:s::p::pulumi:providers:tst::explicit::id-of-explicit";

describe("engine/hosts/monitor", function () {
  this.timeout(240_000);
  const log = new EventLog();
  const recorder = new Recorder(() => ({
    object: { known: "k", secret: makeSecret("s"), unknown: UNKNOWN },
  }));
  let monitor: Monitor;
  let client: ResourceMonitorClient;
  let engine: EngineClient;

  before(async () => {
    const also = { config: new Map([["p:a", "1"]]), configSecretKeys: new Set(["p:a"]) };
    monitor = await Monitor.start({
      info: info(also),
      projectRoot: "/p",
      programDirectory: "/p",
      events: log.sink,
    });
    monitor.serveDeployment(recorder);
    client = new ResourceMonitorClient(monitor.address, credentials.createInsecure());
    engine = new EngineClient(monitor.address, credentials.createInsecure());
  });
  after(() => {
    client.close();
    engine.close();
    monitor.close();
  });

  const register = (
    change: (request: RegisterResourceRequest) => void,
    to = client,
  ): Promise<RegisterResourceResponse> => {
    const request = new RegisterResourceRequest();
    request.setType("tst:index:Thing");
    request.setName("it");
    request.setCustom(true);
    request.setObject(Struct.fromJavaScript({ a: 1, b: 2 }));
    request.setDependenciesList([FIRST]);
    change(request);
    return unary((done) => to.registerResource(request, done));
  };

  it("claims the features that work, by either way of asking", async () => {
    const supported = new Map<string, boolean>();
    for (const id of [
      "secrets",
      "resourceHooks",
      "transforms",
      "parameterization",
      "errorHooks",
      "stateMigrations",
    ]) {
      const request = new SupportsFeatureRequest();
      request.setId(id);
      const response = await unary<SupportsFeatureResponse>((done) => client.supportsFeature(request, done));
      supported.set(id, response.getHassupport());
    }
    assert.deepEqual(Object.fromEntries(supported), {
      secrets: true,
      resourceHooks: true,
      transforms: true,
      parameterization: false,
      errorHooks: false,
      stateMigrations: false,
    });
    const told = await unary<DeploymentInfo>((done) => client.getDeploymentInfo(new Empty(), done));
    assert.deepEqual(told.toObject(), {
      project: "p",
      stack: "s",
      organization: "organization",
      configMap: [["p:a", "1"]],
      configsecretkeysList: ["p:a"],
      dryrun: false,
      parallel: 8,
      supportedfeaturesList: [0, 1, 2, 3, 4, 5, 6, 7, 8, 10],
    });
  });

  it("makes every property depend on everything when the request says nothing of properties", async () => {
    await register(() => undefined);
    assert.deepEqual(recorder.goals.at(-1)?.propertyDependencies, { a: [FIRST], b: [FIRST] });
  });

  it("answers an old SDK without secret marks and unknowns", async () => {
    const old = await register(() => undefined);
    assert.deepEqual(old.getObject()?.toJavaScript(), { known: "k", secret: "s" });
    const modern = await register((request) => request.setAcceptsecrets(true).setSupportspartialvalues(true));
    assert.deepEqual(modern.getObject()?.toJavaScript(), {
      known: "k",
      secret: makeSecret("s"),
      unknown: UNKNOWN,
    });
  });

  /** The deployment fails, and the program is told to end. */
  async function assertFails(
    change: (request: RegisterResourceRequest) => void,
    message: string,
  ): Promise<void> {
    const own = await Monitor.start({
      info: info(),
      projectRoot: "/p",
      programDirectory: "/p",
      events: log.sink,
    });
    own.serveDeployment(recorder);
    const registrations = new ResourceMonitorClient(own.address, credentials.createInsecure());
    await assert.rejects(register(change, registrations), { code: status.UNAVAILABLE });
    assert.equal(recorder.failures.pop(), `failed to register it [tst:index:Thing]: ${message}`);
    registrations.close();
    own.close();
  }

  it("fails the deployment over a registration that it cannot do", async () => {
    const advice = "not supported by this engine; use the Pulumi CLI for this program";
    await assertFails(
      (request) => request.setRemote(true),
      `the remote component tst:index:Thing "it" is ${advice}`,
    );
    await assertFails(
      (request) => request.getEnvvarmappingsMap().set("A", "B"),
      `the option envVarMappings (on "it") is ${advice}`,
    );
    const timeouts = new RegisterResourceRequest.CustomTimeouts();
    timeouts.setCreate("soon");
    await assertFails(
      (request) => request.setCustomtimeouts(timeouts),
      'the custom timeout "soon" is not a duration; write for example "90s", "5m" or "1h30m"',
    );
  });

  it("refuses other calls that it cannot answer", async () => {
    const call = unary<CallResponse>((done) => client.call(new ResourceCallRequest(), done));
    await assert.rejects(call, /methods of remote components \(Call\) are not supported by this engine/);
    const hook = new RegisterResourceHookRequest();
    hook.setName("without a callback");
    await assert.rejects(
      unary<Empty>((done) => client.registerResourceHook(hook, done)),
      /target must be specified/,
    );
  });

  it("knows packages by reference, the same for the same package, and refuses parameterized ones", async () => {
    const request = new RegisterPackageRequest();
    request.setName("tst");
    request.setVersion("2.0.0");
    request.setDownloadUrl("https://example.com");
    const references = await Promise.all(
      [0, 1].map(() => unary<RegisterPackageResponse>((done) => client.registerPackage(request, done))),
    );
    const [first, second] = references.map((response) => response.getRef());
    assert.equal(first, second);
    await register((registration) => registration.setPackageref(first ?? "").setVersion("1.0.0"));
    const { version, pluginDownloadURL } = recorder.goals.at(-1) ?? {};
    assert.deepEqual([version, pluginDownloadURL], ["2.0.0", "https://example.com"]);

    await assertFails((registration) => registration.setPackageref("x"), "unknown provider package 'x'");
    request.setParameterization(new Parameterization());
    await assert.rejects(
      unary<RegisterPackageResponse>((done) => client.registerPackage(request, done)),
      /the parameterized package tst is not supported by this engine/,
    );
  });

  it("passes on reads and invokes, and their answers", async () => {
    const read = new ReadResourceRequest();
    read.setId("its-id");
    read.setType("tst:index:Thing");
    read.setName("known");
    read.setParent(STACK);
    read.setProperties(Struct.fromJavaScript({ a: makeSecret(1) }));
    read.setAcceptsecrets(true);
    const response = await unary<ReadResourceResponse>((done) => client.readResource(read, done));
    assert.deepEqual(recorder.reads, [
      {
        type: "tst:index:Thing",
        name: "known",
        id: "its-id",
        parent: STACK,
        inputs: { a: makeSecret(1) },
        dependencies: [],
        version: "",
        pluginDownloadURL: "",
        additionalSecretOutputs: [],
      },
    ]);
    assert.equal(response.getUrn(), "urn:pulumi:s::p::tst:index:Thing::known");

    const invoke = new ResourceInvokeRequest();
    invoke.setTok("tst:index:find");
    invoke.setArgs(Struct.fromJavaScript({ name: "n" }));
    invoke.setProvider(PROVIDER);
    const found = await unary<InvokeResponse>((done) => client.invoke(invoke, done));
    assert.deepEqual(recorder.invokes, [
      {
        token: "tst:index:find",
        args: { name: "n" },
        provider: PROVIDER,
        version: "",
        pluginDownloadURL: "",
      },
    ]);
    assert.deepEqual(found.getReturn()?.toJavaScript(), { found: true });
  });

  it("answers for the stack at once, and registers it before all else when the deployment is there", async () => {
    const own = await Monitor.start({
      info: info(),
      projectRoot: "/p",
      programDirectory: "/p",
      events: log.sink,
    });
    const early = new ResourceMonitorClient(own.address, credentials.createInsecure());
    const stack = await register(
      (request) => request.setType("pulumi:pulumi:Stack").setName("p-s").setCustom(false),
      early,
    );
    assert.deepEqual([stack.getUrn(), stack.getId(), stack.getObject()?.toJavaScript()], [STACK, "", {}]);
    const thing = register((request) => request.setParent(STACK), early);
    const later = new Recorder(async (goal) => {
      if (goal.name === "p-s") await new Promise((resolve) => setImmediate(resolve));
      return {};
    });
    own.serveDeployment(later);
    await thing;
    assert.deepEqual(
      later.goals.map((goal) => goal.name),
      ["p-s", "it"],
    );
    early.close();
    own.close();
  });

  for (const permission of ["given", "refused"] as const) {
    it(`answers for the stack only when permission is ${permission}`, async () => {
      let decide: () => void = () => undefined;
      const permitted = new Promise<void>((give, refuse) => {
        decide = permission === "given" ? give : () => refuse(new Error("incorrect passphrase"));
      });
      const events = log.sink;
      const own = await Monitor.start({
        info: info(),
        projectRoot: "/p",
        programDirectory: "/p",
        events,
        permitted,
      });
      const early = new ResourceMonitorClient(own.address, credentials.createInsecure());
      let decided = false;
      const answered = register((request) => request.setType("pulumi:pulumi:Stack").setName("p-s"), early)
        .then(
          (response) => response.getUrn(),
          (error: ServiceError) => error.code,
        )
        .then((answer) => [decided, answer]);
      // A later request, answered on the same connection.
      await unary<DeploymentInfo>((done) => early.getDeploymentInfo(new Empty(), done));
      decided = true;
      decide();
      assert.deepEqual(await answered, [true, permission === "given" ? STACK : status.UNAVAILABLE]);
      early.close();
      own.close();
    });
  }

  it("lets nothing through when the stack cannot be registered", async () => {
    const own = await Monitor.start({
      info: info(),
      projectRoot: "/p",
      programDirectory: "/p",
      events: log.sink,
    });
    const early = new ResourceMonitorClient(own.address, credentials.createInsecure());
    const refusing = new Recorder(() => {
      throw new DeploymentStopped();
    });
    own.serveDeployment(refusing);
    await register(
      (request) => request.setType("pulumi:pulumi:Stack").setName("p-s").setCustom(false),
      early,
    );
    await assert.rejects(
      register(() => undefined, early),
      { code: status.UNAVAILABLE },
    );
    assert.deepEqual(
      refusing.goals.map((goal) => goal.name),
      ["p-s"],
    );
    await unary<Empty>((done) => early.signalAndWaitForShutdown(new Empty(), done));
    assert.equal(refusing.finishes, 1);
    early.close();
    own.close();
  });

  it("answers the signal to end once", async () => {
    const signal = (): Promise<Empty> =>
      unary<Empty>((done) => client.signalAndWaitForShutdown(new Empty(), done));
    await signal();
    await assert.rejects(signal(), /Already waiting for shutdown/);
    assert.equal(recorder.finishes, 1);
  });

  it("makes diagnostics of logs, and passes any version that a program requires", async () => {
    const request = new LogRequest();
    request.setSeverity(LogSeverity.WARNING);
    request.setMessage("careful");
    request.setUrn(FIRST);
    request.setStreamid(4);
    await unary<Empty>((done) => engine.log(request, done));
    assert.deepEqual(log.events, [
      {
        kind: "diagnostic",
        severity: "warning",
        message: "careful",
        urn: FIRST,
        streamId: 4,
        ephemeral: false,
      },
    ]);
    await unary((done) => engine.requirePulumiVersion(new RequirePulumiVersionRequest(), done));
  });
});
