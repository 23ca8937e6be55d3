import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { loadPolicyPacks } from "../../../engine/hosts/policy-pack";
import type { AnalyzerResource, PolicyPack } from "../../../engine/model";
import { UNKNOWN, makeSecret } from "../../../engine/values";
import type { Properties } from "../../../engine/values";
import { EventLog, fixture, info, temporaryDirectory } from "./support";

const urn = "urn:pulumi:s::p::tst:index:Thing::it";
const provider = {
  urn: "urn:pulumi:s::p::pulumi:providers:tst::default",
  type: "pulumi:providers:tst",
  name: "default",
  properties: { region: "us", __internal: {} },
};

const resource = (properties: Properties, also: Partial<AnalyzerResource> = {}): AnalyzerResource => ({
  urn,
  type: "tst:index:Thing",
  name: "it",
  properties,
  options: {
    protect: false,
    ignoreChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
    customTimeouts: {},
  },
  ...also,
});

describe("engine/hosts/policy-pack", function () {
  this.timeout(240_000);
  const directory = temporaryDirectory();
  const started: PolicyPack[] = [];
  const config = new Map([["p:token", "T"]]);

  async function load(settings?: object, log = new EventLog()): Promise<PolicyPack> {
    const configFile = join(directory.path, "policies.json");
    if (settings) writeFileSync(configFile, JSON.stringify(settings));
    const source = { path: fixture("pack-rules"), ...(settings ? { configFile } : {}) };
    const packs = await loadPolicyPacks([source], info({ config, dryRun: true }), "127.0.0.1:1", log.sink);
    started.push(...packs);
    const [pack] = packs;
    assert.ok(pack);
    return pack;
  }

  after(() => Promise.all(started.map((pack) => pack.close())));

  describe("with its own configuration", () => {
    const log = new EventLog();
    let pack: PolicyPack;
    before(async () => {
      pack = await load(undefined, log);
    });

    it("tells what it has loaded", () => {
      assert.deepEqual([pack.name, pack.version, pack.path], ["rules", "0.0.7", fixture("pack-rules")]);
      assert.deepEqual(log.events, [
        { kind: "policy-load", name: "rules", version: "0.0.7", path: fixture("pack-rules") },
      ]);
    });

    it("tells violations with the level, the severity and the defaults of the pack", async () => {
      assert.deepEqual(await pack.analyze(resource({ size: 11 })), [
        {
          policyName: "size-limit",
          policyPackName: "rules",
          policyPackVersion: "0.0.7",
          description: "A thing is small.",
          message: "A thing is small.\nit has 11 apples, at most 10 are allowed",
          enforcementLevel: "mandatory",
          severity: "high",
          urn: "",
        },
      ]);
      assert.deepEqual(await pack.analyze(resource({ size: 10 })), []);
    });

    it("tells in a preview that a rule cannot judge what is not known", async () => {
      const [diagnostic] = await pack.analyze(resource({ size: UNKNOWN }));
      assert.equal(diagnostic?.enforcementLevel, "advisory");
      assert.match(
        diagnostic?.message ?? "",
        /^can't run policy 'size-limit' from policy pack 'rules@v0\.0\.7' during preview/,
      );
    });

    it("remediates with all properties, internal and secret ones included", async () => {
      const properties = { size: 1, __internal: { a: 1 }, secret: makeSecret("s") };
      assert.deepEqual(await pack.remediate(resource(properties)), [
        {
          policyName: "stamp",
          policyPackName: "rules",
          policyPackVersion: "0.0.7",
          description: "Every thing is stamped.",
          properties: { ...properties, stamped: true },
        },
      ]);
      assert.deepEqual(await pack.remediate(resource({ stamped: false })), []);
    });

    it("asks stack policies about everything, with what depends on what", async () => {
      const other = "urn:pulumi:s::p::tst:index:Thing::other";
      const resources = [
        resource({ size: 1 }),
        resource(
          { size: 2 },
          { urn: other, name: "other", dependencies: [urn], propertyDependencies: { size: [urn], none: [] } },
        ),
      ];
      const [diagnostic, ...rest] = await pack.analyzeStack(resources);
      assert.deepEqual(rest, []);
      assert.equal(diagnostic?.message, "Few things in a stack.\n2 things, which depend on it (size)");
      assert.deepEqual([diagnostic?.enforcementLevel, diagnostic?.urn], ["advisory", urn]);
    });

    it("tells which policy threw, what and where", async () => {
      await assert.rejects(pack.analyze(resource({ fault: "throw" })), (error: Error) => {
        const [what, why, where, ...rest] = error.message.split("\n");
        assert.equal(what, "Error validating resource with policy 'faulty' from policy pack 'rules@v0.0.7':");
        assert.equal(why, "Error: the rule is broken");
        assert.match(where ?? "", /^ +at .*pack-rules\/index\.js:\d+:\d+\)?$/);
        assert.deepEqual(rest, []);
        return true;
      });
    });

    it("tells that the pack has ended, and its last words", async () => {
      await assert.rejects(pack.analyze(resource({ fault: "die" })), {
        message:
          `the policy pack ${fixture("pack-rules")} ended when asked to analyze ${urn} (exit code 4). Its last output:\n` +
          "  the pack gives up",
      });
    });
  });

  it("shows a policy what the CLI shows", async () => {
    const pack = await load({ sees: "advisory" });
    const options = {
      protect: true,
      ignoreChanges: ["size"],
      deleteBeforeReplace: false,
      additionalSecretOutputs: ["result"],
      aliases: ["urn:old"],
      customTimeouts: { create: 300 },
      parent: "urn:parent",
    };
    const [diagnostic] = await pack.analyze(
      resource({ secret: makeSecret("s"), __internal: 1 }, { options, provider }),
    );
    const [, seen = ""] = (diagnostic?.message ?? "").split("\n");
    assert.deepEqual(JSON.parse(seen), {
      type: "tst:index:Thing",
      urn,
      name: "it",
      props: { secret: "s" },
      opts: {
        protect: true,
        ignoreChanges: ["size"],
        deleteBeforeReplace: false,
        additionalSecretOutputs: ["result"],
        aliases: ["urn:old"],
        customTimeouts: { createSeconds: 300, updateSeconds: 0, deleteSeconds: 0 },
        parent: "urn:parent",
      },
      provider: { urn: provider.urn, type: provider.type, name: provider.name, props: { region: "us" } },
      cwd: fixture("pack-rules"),
      config: '{"p:token":"T"}',
    });
  });

  it("takes levels and properties from a file", async () => {
    const pack = await load({ all: "advisory", "size-limit": { maximum: 2, unit: "pears" } });
    const [diagnostic] = await pack.analyze(resource({ size: 3 }));
    assert.equal(diagnostic?.enforcementLevel, "advisory");
    assert.equal(diagnostic?.message, "A thing is small.\nit has 3 pears, at most 2 are allowed");
    assert.deepEqual(await pack.remediate(resource({ size: 3 })), []);
  });

  it("refuses a configuration that the policies' schemas forbid", async () => {
    await assert.rejects(load({ "size-limit": { maximum: 0, unit: 3 } }), {
      message:
        `the configuration of policy pack rules (from ${join(directory.path, "policies.json")}) is not valid:\n` +
        "  size-limit: maximum: Too small: expected number to be >=1\n" +
        "  size-limit: unit: Invalid input: expected string, received number",
    });
  });

  it("takes the version of PulumiPolicy.yaml before the pack's own", async () => {
    const path = join(directory.path, "versioned");
    mkdirSync(path);
    writeFileSync(join(path, "PulumiPolicy.yaml"), "runtime: nodejs\nversion: 9.9.9\n");
    writeFileSync(join(path, "package.json"), '{"name":"versioned","version":"0.0.1","main":"index.js"}');
    const policy = JSON.stringify(require.resolve("@pulumi/policy"));
    writeFileSync(
      join(path, "index.js"),
      `new (require(${policy}).PolicyPack)("versioned", { policies: [{ name: "all-bad", description: "All is bad.", validateResource: (_, report) => report("bad") }] });`,
    );
    symlinkSync(join(__dirname, "../../../node_modules"), join(directory.path, "node_modules"));
    const [pack] = await loadPolicyPacks([{ path }], info(), "127.0.0.1:1", new EventLog().sink);
    assert.ok(pack);
    started.push(pack);
    assert.equal(pack.version, "9.9.9");
    assert.equal((await pack.analyze(resource({})))[0]?.policyPackVersion, "9.9.9");
  });

  it("says which pack cannot be loaded and why, and ends the others", async () => {
    const log = new EventLog();
    const processes = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length;
    const before = processes();
    const sources = [{ path: fixture("pack-rules") }, { path: fixture("pack-faulty") }];
    await assert.rejects(loadPolicyPacks(sources, info(), "127.0.0.1:1", log.sink), (error: Error) => {
      const [what, why] = error.message.split("\n").filter((line) => !line.includes("index.js:"));
      assert.equal(
        what,
        `the policy pack ${fixture("pack-faulty")} ended before it served (exit code 1). Its last output:`,
      );
      assert.match(why ?? "", /^ +Error: the pack is not well made$/);
      return true;
    });
    // The handle of a process that has ended goes a moment later.
    for (const deadline = Date.now() + 60_000; processes() > before && Date.now() < deadline;)
      await setImmediate();
    assert.equal(processes(), before);
    assert.deepEqual(
      log.events.filter((event) => event.kind === "policy-load"),
      [],
    );
    await assert.rejects(loadPolicyPacks([{ path: directory.path }], info(), "127.0.0.1:1", log.sink), {
      message: `no policy pack at ${directory.path}: there is no PulumiPolicy.yaml`,
    });
  });
});
