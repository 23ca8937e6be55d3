import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { stampOf } from "../../policy/stamp";
import { container, release, rollout } from "./compliant";
import { urnOf, type TestResource } from "./support";

const secret = (value: JavaScriptValue) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

describe("the policy pack as a process", function () {
  let server: ChildProcess;
  let client: AnalyzerClient;

  before(async () => {
    server = spawn(process.execPath, ["--import", "tsx", "index.ts"], {
      cwd: join(process.cwd(), "policy"),
      stdio: ["ignore", "pipe", "inherit"],
    });
    assert.ok(server.stdout);
    const [port] = (await once(server.stdout, "data")) as [Buffer];
    client = new AnalyzerClient(`127.0.0.1:${port.toString().trim()}`, grpc.credentials.createInsecure());
  });

  after(() => {
    client.close();
    server.kill();
  });

  /** Calls one of the client's methods, and answers what comes back. */
  function ask<Answer>(start: (done: (error: grpc.ServiceError | null, answer: Answer) => void) => unknown) {
    return new Promise<Answer>((resolve, reject) => {
      start((error, answer) => (error === null ? resolve(answer) : reject(error)));
    });
  }

  function request({ type, name, props }: TestResource): proto.AnalyzeRequest {
    const options = new proto.AnalyzerResourceOptions();
    options.setAdditionalsecretoutputsList(["envs"]);
    const message = new proto.AnalyzeRequest();
    message.setType(type);
    message.setName(name);
    message.setUrn(urnOf({ type, name, props }));
    message.setProperties(Struct.fromJavaScript(props as Record<string, JavaScriptValue>));
    message.setOptions(options);
    return message;
  }

  async function analyze(resource: TestResource): Promise<string[]> {
    const response = await ask<proto.AnalyzeResponse>((done) => client.analyze(request(resource), done));
    return response
      .getDiagnosticsList()
      .map(
        (found) =>
          `${found.getPolicyname()} ${found.getEnforcementlevel()} ${found.getMessage().split("\n")[1]}`,
      );
  }

  it("tells the engine its rules, with levels and severities", async () => {
    const info = await ask<proto.AnalyzerInfo>((done) => client.getAnalyzerInfo(new Empty(), done));
    assert.equal(`${info.getName()} ${info.getVersion()}`, "slipway 0.1.0");
    const { ADVISORY, MANDATORY, REMEDIATE } = proto.EnforcementLevel;
    const levels = info
      .getPoliciesList()
      .map((policy) => [policy.getName(), policy.getEnforcementlevel()] as const);
    const files = readdirSync("policy/rules", { recursive: true, encoding: "utf8" });
    assert.equal(levels.length, files.filter((file) => file.endsWith(".ts")).length);
    assert.deepEqual(levels[0], ["pack-list-waivers", MANDATORY]);
    assert.deepEqual(levels.at(-1), ["pack-list-not-evaluated", ADVISORY]);
    const levelOf = new Map(levels);
    assert.equal(levelOf.get("release-require-stamp"), REMEDIATE);
    assert.equal(levelOf.get("release-require-staging-first"), MANDATORY);
  });

  it("lets a compliant container pass, and says which rule a broken one breaks", async () => {
    assert.deepEqual(await analyze(container()), []);
    assert.deepEqual(await analyze(container({ image: "redis:latest", privileged: true })), [
      'containers-disallow-privileged 1 Container "backbone-redis" is privileged: it is root on this machine. Allowed: privileged: false. Remove it.',
      'containers-require-pinned-image 1 Container "backbone-redis" runs the image "redis:latest", which can change under its name. Allowed: name@sha256:<64 hex digits>, or an image id sha256:<64 hex digits>. Name its digest.',
    ]);
    assert.deepEqual(await analyze(rollout()), []);
  });

  it("sees in the remediation which environment variables are secret, and changes nothing", async () => {
    const plain = container({ envs: ["PGPASSWORD=hunter2"] });
    const marked = container({ envs: [secret("PGPASSWORD=hunter2")] });
    for (const [resource, messages] of [
      [
        plain,
        [
          'containers-disallow-plaintext-secrets 1 Container "backbone-redis" is given PGPASSWORD as plain text, not as a secret. Allowed: a secret output, such as the matrix\'s own. Pass that on.',
        ],
      ],
      [marked, []],
    ] as const) {
      const remediated = await ask<proto.RemediateResponse>((done) =>
        client.remediate(request(resource), done),
      );
      assert.deepEqual(remediated.getRemediationsList(), []);
      assert.deepEqual(await analyze(resource), messages);
    }
  });

  it("follows its configuration", async () => {
    const config = new proto.PolicyConfig();
    config.setEnforcementlevel(proto.EnforcementLevel.ADVISORY);
    config.setProperties(Struct.fromJavaScript({ requiredKinds: ["unit"] }));
    const configure = new proto.ConfigureAnalyzerRequest();
    configure.getPolicyconfigMap().set("release-require-evidence", config);
    await ask<Empty>((done) => client.configure(configure, done));
    const stamp = stampOf(release().props);
    assert.deepEqual(await analyze(release({ stamp })), [
      'release-require-evidence 0 Release "sample-release": There is no evidence of unit for commit 0123456789ab. Required: unit. Run the checks on this commit, then npm run evidence -- add --kind <kind> --file <report>.',
    ]);
  });
});
