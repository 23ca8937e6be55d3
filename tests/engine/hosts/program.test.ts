import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { locateProgram, startProgram } from "../../../engine/hosts/program";
import { EventLog, Recorder, fixture, info, runFixture, startFixture, temporaryDirectory } from "./support";

const faulty = (fault: string, nodeargs?: string) =>
  runFixture("program-faults", new Recorder(), { config: new Map([["p:fault", fault]]) }, nodeargs);

describe("engine/hosts/program", function () {
  this.timeout(240_000);
  const directory = temporaryDirectory();

  it("runs a directory, or a file from its directory", () => {
    const root = directory.path;
    mkdirSync(join(root, "src"));
    writeFileSync(join(root, "src/main.js"), "");
    assert.deepEqual(locateProgram({ root, runtime: { name: "nodejs", options: {} } }), {
      directory: root,
      entryPoint: ".",
    });
    const at = (main: string) => locateProgram({ root, main, runtime: { name: "nodejs", options: {} } });
    assert.deepEqual(at("src"), { directory: join(root, "src"), entryPoint: "." });
    assert.deepEqual(at("src/main.js"), { directory: join(root, "src"), entryPoint: "main.js" });
    assert.throws(() => at("../elsewhere"), {
      message: `main of Pulumi.yaml must be under ${root}, but is "../elsewhere"`,
    });
    assert.throws(() => at("absent"), {
      message: `main of Pulumi.yaml is "absent", but ${join(root, "absent")} does not exist`,
    });
  });

  it("starts nothing for a runtime that is not Node's", () => {
    const source = { root: "/p", runtime: { name: "python", options: {} } };
    assert.throws(() => startProgram(source, info(), "127.0.0.1:1", () => undefined), {
      message:
        '/p/Pulumi.yaml asks for the runtime "python"; this engine runs "nodejs" only. Use the Pulumi CLI for other runtimes.',
    });
  });

  it("tells the program of the update as the CLI's language host does", async () => {
    const log = new EventLog();
    const config = new Map([
      ["p:fault", "environment"],
      ["p:list", '["a"]'],
      ["aws:region", "eu"],
    ]);
    const also = { config, configSecretKeys: new Set(["p:list"]), dryRun: true };
    const { program, monitor } = await startFixture(
      "program-faults",
      new Recorder(),
      log,
      also,
      "--no-warnings --title='a b'",
    );
    assert.equal(await program.ended, undefined);
    monitor.close();
    const [printed] = log.events;
    assert.ok(printed?.kind === "diagnostic");
    const root = fixture("program-faults");
    assert.deepEqual(JSON.parse(printed.message), {
      argv: [],
      cwd: root,
      execArgv: ["--no-warnings", "--title=a b"],
      environment: {
        PULUMI_CONFIG:
          '{"p:config:fault":"environment","p:config:list":"[\\"a\\"]","aws:config:region":"eu"}',
        PULUMI_CONFIG_SECRET_KEYS: '["p:list"]',
        PULUMI_NODEJS_DRY_RUN: "true",
        PULUMI_NODEJS_ENGINE: monitor.address,
        PULUMI_NODEJS_MONITOR: monitor.address,
        PULUMI_NODEJS_ORGANIZATION: "organization",
        PULUMI_NODEJS_PARALLEL: "8",
        PULUMI_NODEJS_PROJECT: "p",
        PULUMI_NODEJS_ROOT_DIRECTORY: root,
        PULUMI_NODEJS_STACK: "s",
      },
    });
  });

  it("passes on what the program prints, stream by stream, the last line without its end too", async () => {
    const { ended, log } = await faulty("print");
    assert.equal(ended, undefined);
    const told = log.events.flatMap((event) => (event.kind === "diagnostic" ? [event] : []));
    const [out, err] = ["info", "info#err"].map((severity) =>
      told.filter((event) => event.severity === severity),
    );
    assert.deepEqual(
      out?.map((event) => event.message),
      ["first line\n", "no newline"],
    );
    assert.deepEqual(
      err?.map((event) => event.message),
      ["a complaint\n"],
    );
    assert.equal(new Set(out?.map((event) => event.streamId)).size, 1);
    assert.notEqual(out?.[0]?.streamId, err?.[0]?.streamId);
  });

  it("says nothing more of a failure that the program has told itself", async () => {
    const { ended, log } = await faulty("told");
    assert.equal(ended, "");
    assert.deepEqual(log.diagnostics, ["error: the program says why"]);
  });

  it("tells an uncaught error once, with the place where it was thrown", async () => {
    const { ended, log } = await faulty("throw");
    assert.equal(ended, "");
    assert.equal(log.diagnostics.length, 1);
    assert.match(
      log.diagnostics[0] ?? "",
      /^error: Running program .* failed with an unhandled exception:\nError: the program is unwell\n/,
    );
  });

  it("explains an exit code, a signal, and memory that ran out", async () => {
    const failures = await Promise.all(["exit", "signal"].map(async (fault) => (await faulty(fault)).ended));
    assert.deepEqual(failures, [
      "an unhandled error occurred: Program exited with non-zero exit code: 7",
      "an unhandled error occurred: Program ended unexpectedly: signal SIGKILL",
    ]);
    assert.equal(
      (await faulty("memory")).ended,
      "an unhandled error occurred: Program exited with non-zero exit code: 134. " +
        "It ran out of memory: raise the limit with nodeargs, for example --max-old-space-size=4096.",
    );
  });

  it("ends a program that would go on for ever", async () => {
    let registered: () => void = () => undefined;
    const busy = new Promise<void>((resolve) => (registered = resolve));
    const recorder = new Recorder((goal) => {
      if (goal.name === "only") registered();
      return {};
    });
    const config = new Map([["p:fault", "lingers"]]);
    const { program, monitor } = await startFixture("program-faults", recorder, new EventLog(), { config });
    await busy;
    await program.stop();
    assert.equal(
      await program.ended,
      "an unhandled error occurred: Program ended unexpectedly: signal SIGINT",
    );
    assert.equal(recorder.finishes, 0);
    monitor.close();
  });
});
