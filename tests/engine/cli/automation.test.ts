import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  LocalWorkspace,
  PulumiCommand,
  StackAlreadyExistsError,
  StackNotFoundError,
  ConcurrentUpdateError,
} from "@pulumi/pulumi/automation";
import { writeFileSync } from "node:fs";
import { Sandbox } from "./engine-process";

describe("Automation API", function () {
  this.timeout(300_000);
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.make();
  });
  after(() => sandbox.remove());

  it("drives the engine as it drives the CLI", async () => {
    const pulumiCommand = await PulumiCommand.get({ root: sandbox.installation() });
    const envVars = Object.fromEntries(
      Object.entries(sandbox.env).map(([name, value]) => [name, value ?? ""]),
    );
    const options = { pulumiCommand, envVars };
    const args = { stackName: "auto", workDir: sandbox.project };
    const stack = await LocalWorkspace.createOrSelectStack(args, options);
    await stack.setConfig("things", { value: JSON.stringify({ one: { value: "1" } }) });
    await stack.setConfig("password", { value: "hunter22", secret: true });
    assert.deepEqual(await stack.getConfig("password"), { value: "hunter22", secret: true });

    assert.deepEqual((await stack.preview()).changeSummary, { create: 2 });
    const seen: string[] = [];
    const up = await stack.up({
      message: "by the API",
      onEvent: (event) => seen.push(...Object.keys(event).filter((key) => key.endsWith("Event"))),
    });
    assert.deepEqual(
      [up.summary.result, up.summary.message, up.summary.resourceChanges],
      ["succeeded", "by the API", { create: 2 }],
    );
    assert.deepEqual(up.outputs, {
      password: { value: "hunter22", secret: true },
      results: { value: { one: "made of 1" }, secret: false },
    });
    assert.deepEqual([seen[0], ...seen.slice(-2)], ["preludeEvent", "summaryEvent", "cancelEvent"]);
    assert.equal((await stack.refresh()).summary.result, "succeeded");
    await stack.importStack(await stack.exportStack());

    await assert.rejects(LocalWorkspace.createStack(args, options), StackAlreadyExistsError);
    await assert.rejects(
      LocalWorkspace.selectStack({ ...args, stackName: "nosuch" }, options),
      StackNotFoundError,
    );
    await stack.setConfig("things", { value: JSON.stringify({ slow: { wait: true } }) });
    const running = sandbox.start("up", "-yf", "-s", "auto");
    await running.saw(/slow creating/);
    await assert.rejects(stack.up(), ConcurrentUpdateError);
    writeFileSync(join(sandbox.world, "go"), "null");
    await running.ended;

    assert.deepEqual((await stack.destroy()).summary.resourceChanges, { delete: 2 });
    await stack.workspace.removeStack("auto");
  });

  it("can follow a file of events as well", async () => {
    const log = join(sandbox.root, "events.jsonl");
    assert.equal((await sandbox.run("preview", "-s", "dev", "--event-log", log)).code, 0);
    const events = readFileSync(log, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      events.map((_, index) => index),
    );
    assert.deepEqual(Object.keys(events.at(-1) ?? {}), ["sequence", "timestamp", "cancelEvent"]);
    assert.deepEqual((events.at(-2)?.["summaryEvent"] as { resourceChanges: unknown }).resourceChanges, {
      create: 1,
    });
  });
});
