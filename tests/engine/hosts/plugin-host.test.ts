import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { PluginHost } from "../../../engine/hosts/plugin-host";
import type { PluginHostOptions } from "../../../engine/hosts/plugin-host";
import type { Provider } from "../../../engine/model";
import { EventLog, fixture, temporaryDirectory } from "./support";

/** Does nothing, and is told from others by its name. */
const named = (name: string): Provider =>
  ({ name, close: async () => undefined, cancel: async () => undefined }) as never;

const nameOf = (provider: Provider): string | undefined => (provider as { name?: string }).name;

/** A plugin binary that ends at once and says with what it was started. */
const TELLING = `#!/bin/sh
echo "$0 $@ in $PWD" >&2
env | grep ^PULUMI_ | grep -v -e HOME -e BACKEND -e PASSPHRASE -e SKIP | sort >&2
exit 9
`;

describe("engine/hosts/plugin-host", function () {
  this.timeout(240_000);
  const directory = temporaryDirectory();
  const saved = { PATH: process.env["PATH"], PULUMI_HOME: process.env["PULUMI_HOME"] };
  const hosts: PluginHost[] = [];
  let log: EventLog;

  function host(also: Partial<PluginHostOptions> = {}): PluginHost {
    log = new EventLog();
    const made = new PluginHost({
      engineAddress: "127.0.0.1:1",
      project: "p",
      projectRoot: directory.path,
      programDirectory: fixture("program-plain"),
      runtime: { name: "nodejs", options: { typescript: false } },
      config: new Map(),
      plugins: [],
      builtin: {},
      events: log.sink,
      ...also,
    });
    hosts.push(made);
    return made;
  }
  function binary(path: string): string {
    const file = join(directory.path, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, TELLING);
    chmodSync(file, 0o755);
    return file;
  }

  after(() => Promise.all(hosts.map((host) => host.closeAll())));
  beforeEach(() => {
    process.env["PULUMI_HOME"] = join(directory.path, "home");
  });
  afterEach(() => {
    for (const [name, value] of Object.entries(saved)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it("prefers the folder that Pulumi.yaml names, then its own providers", async () => {
    const plugins = [{ name: "tst", path: fixture("plugin-recorder") }];
    const tested = host({ plugins, builtin: { tst: () => named("own"), other: () => named("other") } });
    assert.equal(nameOf(await tested.load({ name: "tst" })), undefined);
    assert.equal(nameOf(await tested.load({ name: "other" })), "other");
  });

  it("passes over a folder for another version", async () => {
    const plugins = [{ name: "tst", path: "absent", version: "1.0.0" }];
    const tested = host({ plugins, builtin: { tst: () => named("own") } });
    assert.equal(nameOf(await tested.load({ name: "tst", version: "2.0.0" })), "own");
    await assert.rejects(tested.load({ name: "tst", version: "1.0.0" }), {
      message: `plugins.providers of Pulumi.yaml names ${join(directory.path, "absent")}, which does not exist`,
    });
  });

  it("starts a binary with the engine's address, the runtime's options and the package's configuration", async () => {
    const file = binary("bin/pulumi-resource-tst");
    const config = new Map([
      ["tst:region", "us"],
      ["other:region", "eu"],
    ]);
    const tested = host({ plugins: [{ name: "tst", path: "bin" }], config });
    await assert.rejects(tested.load({ name: "tst" }), {
      message:
        'the provider plugin "tst" ended before it served (exit code 9). Its last output:\n' +
        `  ${file} 127.0.0.1:1 in ${fixture("program-plain")}\n` +
        '  PULUMI_CONFIG={"region":"us"}\n  PULUMI_PROJECT=p\n  PULUMI_RUNTIME_TYPESCRIPT=false',
    });
  });

  it("takes a plugin from PATH with a warning, and not when told to pass over those", async () => {
    const file = binary("path/pulumi-resource-ambient");
    process.env["PATH"] = [join(directory.path, "path"), saved.PATH].join(delimiter);
    await assert.rejects(host().load({ name: "ambient" }), /ended before it served/);
    assert.deepEqual(log.diagnostics, [`warning: using pulumi-resource-ambient from $PATH at ${file}`]);
    process.env["PULUMI_IGNORE_AMBIENT_PLUGINS"] = "true";
    await assert.rejects(host().load({ name: "ambient" }), /no provider plugin "ambient" was found/);
    delete process.env["PULUMI_IGNORE_AMBIENT_PLUGINS"];
  });

  it("takes an installed plugin: the version asked for, else the newest", async () => {
    for (const version of ["1.9.0", "1.10.0", "1.2.0"])
      binary(`home/plugins/resource-kept-v${version}/pulumi-resource-kept`);
    await assert.rejects(host().load({ name: "kept" }), /resource-kept-v1\.10\.0\/pulumi-resource-kept/);
    await assert.rejects(
      host().load({ name: "kept", version: "1.2.0" }),
      /resource-kept-v1\.2\.0\/pulumi-resource-kept/,
    );
    await assert.rejects(
      host().load({ name: "kept", version: "3.0.0" }),
      /no provider plugin "kept v3\.0\.0" was found/,
    );
  });

  it("says where it looked and what to do when there is none", async () => {
    const store = join(directory.path, "home/plugins");
    await assert.rejects(
      host({ builtin: { docker: () => named("docker") } }).load({ name: "aws", version: "6.0.0" }),
      {
        message:
          'no provider plugin "aws v6.0.0" was found: not in plugins.providers of Pulumi.yaml, not among this engine\'s own (docker), ' +
          `no pulumi-resource-aws on PATH, and none in ${store}. Install it with the Pulumi CLI ` +
          "(pulumi plugin install resource aws v6.0.0), or name its folder under plugins.providers.",
      },
    );
  });

  it("says what is missing in a folder that is no plugin", async () => {
    mkdirSync(join(directory.path, "empty"));
    const tested = host({ plugins: [{ name: "tst", path: "empty" }] });
    const folder = join(directory.path, "empty");
    await assert.rejects(tested.load({ name: "tst" }), {
      message: `plugins.providers of Pulumi.yaml names ${folder}, but neither pulumi-resource-tst nor PulumiPlugin.yaml is there`,
    });
  });

  it("has the project's plugins ready before they are asked for, each instance for one asker", async () => {
    const tested = host({ plugins: [{ name: "tst", path: fixture("plugin-recorder") }] });
    tested.warmUp();
    const [first, second] = await Promise.all([tested.load({ name: "tst" }), tested.load({ name: "tst" })]);
    assert.notEqual(first, second);
    await tested.closeAll();
    await assert.rejects(first.invoke("tst:index:find", {}, false), /ended when asked/);
  });

  it("runs a plugin in TypeScript by the SDK's runner", async () => {
    const tested = host({ plugins: [{ name: "typed", path: fixture("plugin-typescript") }] });
    const provider = await tested.load({ name: "typed" });
    const subject = { urn: "urn:pulumi:s::p::typed:index:Thing::it", type: "typed:index:Thing", name: "it" };
    const type = "pulumi:providers:typed";
    await provider.configure(
      { urn: `urn:pulumi:s::p::${type}::default`, type, name: "default", id: "i" },
      {},
    );
    const { id, properties } = await provider.create(subject, { a: 1 }, 0, false);
    assert.deepEqual([id, properties], ["typed", { a: 1 }]);
    await tested.closeAll();
  });

  it("serves dynamic resources by the program's own SDK", async () => {
    const tested = host();
    const provider = await tested.load({ name: "pulumi-nodejs" });
    const type = "pulumi:providers:pulumi-nodejs";
    const subject = { urn: `urn:pulumi:s::p::${type}::default`, type, name: "default" };
    assert.deepEqual(await provider.checkConfig(subject, {}, { a: "1" }), {
      inputs: { a: "1" },
      failures: [],
    });
    await provider.configure({ ...subject, id: "i" }, {});
    const resource = {
      urn: "urn:pulumi:s::p::pulumi-nodejs:dynamic:Resource::it",
      type: "pulumi-nodejs:dynamic:Resource",
      name: "it",
    };
    const code =
      "exports.handler = () => ({ create: async (inputs) => ({ id: 'made', outs: { twice: inputs.size * 2 } }) })";
    const { id, properties } = await provider.create(resource, { __provider: code, size: 4 }, 0, false);
    assert.deepEqual([id, properties], ["made", { twice: 8, __provider: code }]);
    await tested.closeAll();
  });
});
