import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Sandbox } from "./engine-process";

describe("command line", function () {
  this.timeout(240_000);
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.make();
  });
  after(() => sandbox.remove());

  it("prints a version that the Automation API accepts, and nothing else", async () => {
    assert.deepEqual(await sandbox.run("version"), { code: 0, stdout: "v3.241.0-slipway\n", stderr: "" });
  });

  const wrong: { args: string[]; error: RegExp }[] = [
    {
      args: ["nosuch"],
      error:
        /^error: unknown command 'nosuch'\npulumi of this engine has: preview, up, destroy, refresh, stack, config, cancel, /,
    },
    {
      args: ["up", "--plan", "x"],
      error: /^error: unknown option '--plan'\npulumi up of this engine has: .*--skip-preview/,
    },
    {
      args: ["stack", "tag", "ls"],
      error: /^error: too many arguments for 'stack'|^error: unknown command 'tag'/,
    },
    { args: ["up", "template"], error: /^error: too many arguments for 'up'/ },
    { args: ["config", "get"], error: /^error: missing required argument 'key'\n/ },
    {
      args: ["up", "-y", "--parallel", "0"],
      error:
        /^error: option '-p, --parallel <count>' argument '0' is invalid\. It must be a whole number, 1 or more\./,
    },
    {
      args: ["up", "-y", "--color", "raw"],
      error:
        /^error: option '--color <when>' argument 'raw' is invalid\. Allowed choices are auto, always, never\./,
    },
    {
      args: ["up"],
      error:
        /^error: --yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive mode\n$/,
    },
    { args: ["destroy", "--non-interactive"], error: /^error: --yes or --skip-preview/ },
    { args: ["preview", "-C", "/nosuch"], error: /^error: --cwd \/nosuch: / },
  ];
  for (const { args, error } of wrong) {
    it(`refuses \`${args.join(" ")}\` with exit code 2`, async () => {
      const { code, stdout, stderr } = await sandbox.run(...args);
      assert.match(stderr, error);
      assert.deepEqual([code, stdout], [2, ""]);
    });
  }

  it("exits with 6 when there is no such stack", async () => {
    for (const args of [
      ["preview", "-s", "nosuch"],
      ["stack", "select", "nosuch"],
      ["stack", "output", "--stack", "nosuch"],
    ]) {
      assert.deepEqual(await sandbox.run(...args), {
        code: 6,
        stdout: "",
        stderr: "error: no stack named 'nosuch' found\n",
      });
    }
  });

  it("finds the project from a folder below it, and another one with -C", async () => {
    const { code, stdout } = await sandbox.run("-C", join(sandbox.project, "plugin"), "stack", "--show-name");
    assert.deepEqual([code, stdout], [0, "dev\n"]);
    sandbox.env["PULUMI_STACK"] = "other";
    assert.match((await sandbox.run("stack")).stderr, /no stack named 'other' found/);
    delete sandbox.env["PULUMI_STACK"];
  });

  it("says what is wrong with the project, the backend, or the passphrase, and touches nothing", async () => {
    const before = sandbox.files();
    const outside = await sandbox.run("preview", "-C", sandbox.root);
    assert.match(outside.stderr, /^error: no Pulumi\.yaml project file found \(searching upwards from /);
    assert.equal(outside.code, 1);

    sandbox.env["PULUMI_CONFIG_PASSPHRASE"] = "another";
    const locked = "error: getting stack configuration: get stack secrets manager: incorrect passphrase\n";
    assert.deepEqual(await sandbox.run("up", "-yf"), { code: 1, stdout: "", stderr: locked });
    delete sandbox.env["PULUMI_CONFIG_PASSPHRASE"];
    assert.match(
      (await sandbox.run("up", "-yf")).stderr,
      /passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE/,
    );
    const file = join(sandbox.root, "passphrase");
    writeFileSync(file, "the passphrase\n");
    sandbox.env["PULUMI_CONFIG_PASSPHRASE_FILE"] = file;
    assert.equal((await sandbox.run("config", "set", "--secret", "token", "abcdefgh1")).code, 0);
    rmSync(file);
    delete sandbox.env["PULUMI_CONFIG_PASSPHRASE_FILE"];
    sandbox.env["PULUMI_CONFIG_PASSPHRASE"] = "the passphrase";
    await sandbox.run("config", "rm", "token");

    const url = sandbox.env["PULUMI_BACKEND_URL"];
    sandbox.env["PULUMI_BACKEND_URL"] = "s3://bucket";
    assert.match(
      (await sandbox.run("up", "-yf")).stderr,
      /^error: the backend 's3:\/\/bucket' is not supported: this engine keeps state in files only/,
    );
    delete sandbox.env["PULUMI_BACKEND_URL"];
    assert.match(
      (await sandbox.run("up", "-yf")).stderr,
      /^error: there is no backend: .* `pulumi login file:\/\/<folder>`\n$/,
    );
    assert.match(
      (await sandbox.run("login", "https://api.example.com")).stderr,
      /^error: the backend 'https:\/\/api\.example\.com' is not supported/,
    );
    assert.match((await sandbox.run("login", url ?? "")).stdout, /^Logged in to .* \(file:\/\/.*\)\n$/);
    assert.equal((await sandbox.run("whoami", "--json")).stdout.includes(url ?? ""), true);
    assert.equal((await sandbox.run("stack", "ls")).code, 0);
    assert.match((await sandbox.run("logout")).stdout, /^Logged out of file:\/\//);
    sandbox.env["PULUMI_BACKEND_URL"] = url;

    const states = (files: Map<string, string>): unknown[] =>
      [...files].filter(([path]) => path.includes("/state/"));
    assert.deepEqual(states(sandbox.files()), states(before));
  });
});
