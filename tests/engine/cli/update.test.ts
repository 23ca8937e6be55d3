import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Sandbox } from "./engine-process";

/** Without times and generated ids: two runs of one program read the same. */
const plain = (output: string): string =>
  output
    .replace(/\(\d+(\.\d+)?s\)/g, "(0s)")
    .replace(/Duration: .*/, "Duration: 1s")
    .replace(/-[0-9a-f]{8}\b/g, "-id");
const summaryOf = (output: string): string => output.slice(output.indexOf("Resources:\n"));

describe("updates", function () {
  this.timeout(300_000);
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.make();
  });
  after(() => sandbox.remove());

  it("creates what the program asks for, and says so line by line", async () => {
    await sandbox.things({ one: { value: "1", parent: "group" }, two: { needs: "one", key: "k" } });
    const { code, stdout, stderr } = await sandbox.run("up", "--yes", "--skip-preview");
    assert.equal(stderr, "This is Slipway's embedded engine v3.241.0-slipway, not the Pulumi CLI.\n");
    assert.equal(
      plain(stdout),
      `Updating (dev):

 +  pulumi:pulumi:Stack shop-dev creating (0s)
 +  shop:index:Group group creating (0s)
 +  tiny:index:Thing one creating (0s)
 +  tiny:index:Thing one created (0s)
 +  tiny:index:Thing two creating (0s)
 +  tiny:index:Thing two created (0s)
 +  pulumi:pulumi:Stack shop-dev created (0s)
Outputs:
    results: {
        one: "made of 1"
        two: "made of made of 1"
    }

Resources:
    + 4 created

Duration: 1s

`,
    );
    assert.equal(code, 0);
    assert.deepEqual(sandbox.made, [{ value: "1" }, { key: "k", value: "made of 1" }]);
  });

  it("leaves everything as it is when nothing has changed", async () => {
    const { code, stdout } = await sandbox.run("up", "-yf", "--expect-no-changes");
    assert.equal(summaryOf(plain(stdout)), "Resources:\n    4 unchanged\n\nDuration: 1s\n\n");
    assert.equal(code, 0);
  });

  it("previews an update, a replacement and a deletion without touching anything", async () => {
    await sandbox.things({ one: { value: "2", parent: "group" }, two: { needs: "one", key: "other" } });
    const { code, stdout } = await sandbox.run("preview", "--diff");
    assert.equal(
      plain(stdout),
      `Previewing update (dev):
  pulumi:pulumi:Stack: (same)
    [urn=urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev]
    ~ tiny:index:Thing: (update)
        [id=one-id]
        [urn=urn:pulumi:dev::shop::shop:index:Group$tiny:index:Thing::one]
      ~ value: "1" => "2"
    +-tiny:index:Thing: (replace)
        [id=two-id]
        [urn=urn:pulumi:dev::shop::tiny:index:Thing::two]
      ~ key   : "k" => "other"
      - result: "made of made of 1"
      ~ value : "made of 1" => [unknown]
Resources:
    ~ 1 to update
    +-1 to replace
    2 changes. 2 unchanged
`,
    );
    assert.equal(code, 0);
    assert.deepEqual(sandbox.made, [{ value: "1" }, { key: "k", value: "made of 1" }]);
  });

  it("exits with 7 when changes were not expected, in a preview as in an update", async () => {
    const { code, stderr } = await sandbox.run("preview", "--expect-no-changes");
    assert.equal(code, 7);
    assert.match(stderr, /error: no changes were expected for preview but changes were proposed\n$/);
  });

  it("updates, replaces create-first, and deletes what is gone; `up` previews first", async () => {
    await sandbox.things({ two: { value: "direct", key: "other" } });
    const { code, stdout } = await sandbox.run("up", "--yes");
    const [preview = "", update = ""] = plain(stdout).split("Updating (dev):");
    assert.match(preview, /^Previewing update \(dev\):\n/);
    assert.match(preview, / {4}- 2 to delete\n {4}\+-1 to replace\n {4}3 changes. 1 unchanged\n/);
    const order = [...update.matchAll(/^ \S+ +(.*) \(0s\)/gm)].map((match) => match[1]);
    assert.deepEqual(order.slice(0, 2), [
      "tiny:index:Thing two creating replacement",
      "tiny:index:Thing two created replacement",
    ]);
    assert.equal(code, 0);
    assert.deepEqual(sandbox.made, [{ key: "other", value: "direct" }]);
  });

  it("keeps to the targets", async () => {
    await sandbox.things({ two: { value: "later", key: "other" }, three: { value: "3" } });
    const urn = "urn:pulumi:dev::shop::tiny:index:Thing::three";
    assert.equal((await sandbox.run("up", "-yf", "--target", urn)).code, 0);
    assert.deepEqual(sandbox.made, [{ value: "3" }, { key: "other", value: "direct" }]);
    const { code, stdout } = await sandbox.run("up", "-yf", "--target", `${urn}x`);
    assert.equal(code, 1);
    assert.match(stdout, /error: Target '.*::threex' could not be found in the stack/);
  });

  it("finds by refresh what was changed and what is gone, and mends it with the next update", async () => {
    const [three = "", two = ""] = readdirSync(sandbox.world).sort();
    writeFileSync(join(sandbox.world, two), JSON.stringify({ value: "drifted", key: "other" }));
    rmSync(join(sandbox.world, three));
    const refreshed = await sandbox.run("refresh", "--yes", "--skip-preview");
    assert.equal(refreshed.code, 0, refreshed.stdout);
    assert.match(plain(refreshed.stdout), / ~ {2}tiny:index:Thing two updated \(0s\) \[diff: ~value\]\n/);
    assert.match(plain(refreshed.stdout), / - {2}tiny:index:Thing three deleted \(0s\)\n/);
    const { stdout } = await sandbox.run("up", "-yf");
    assert.match(stdout, /\+ 1 created\n {4}~ 1 updated\n/);
    assert.deepEqual(sandbox.made, [{ value: "3" }, { key: "other", value: "later" }]);
  });

  it("tells what a provider could not do, changes nothing after it, and goes on with the next update", async () => {
    await sandbox.things({
      two: { value: "later", key: "other" },
      three: { value: "3" },
      four: { value: "4", fail: "no room" },
    });
    const { code, stdout } = await sandbox.run("up", "-yf");
    assert.equal(code, 1);
    assert.match(stdout, /Diagnostics:\n {2}pulumi:pulumi:Stack \(shop-dev\):\n {4}error: update failed\n\n/);
    assert.match(stdout, /\n {2}tiny:index:Thing \(four\):\n {4}error: cannot make it: no room\n\n/);
    assert.doesNotMatch(stdout, /UNAVAILABLE|at .*node_modules/);
    await sandbox.things({
      two: { value: "later", key: "other" },
      three: { value: "3" },
      four: { value: "4" },
    });
    assert.match((await sandbox.run("up", "-yf")).stdout, /\+ 1 created\n {4}3 unchanged\n/);
  });

  it("refuses inputs that the provider's check refuses, before anything is done", async () => {
    await sandbox.things({ two: { value: "wrong" } });
    const { code, stdout } = await sandbox.run("up", "-yf");
    assert.equal(code, 1);
    assert.match(
      stdout,
      /error: tiny:index:Thing resource 'two': property value .* has a problem: it is wrong\n/,
    );
    assert.equal(sandbox.made.length, 3);
  });

  it("says in one line what is missing when a package has no provider", async () => {
    const entry = join(sandbox.project, "index.js");
    writeFileSync(
      entry,
      'const pulumi = require("@pulumi/pulumi");\nnew pulumi.CustomResource("nosuch:index:Cloud", "c");\n',
    );
    const { code, stdout } = await sandbox.run("up", "-yf");
    assert.equal(code, 1);
    assert.match(stdout, /error: no provider plugin "nosuch" was found: .* Install it with the Pulumi CLI/);
    assert.equal(sandbox.made.length, 3);
  });

  it("destroys everything without the program, and then nothing is left to do", async () => {
    const { code, stdout } = await sandbox.run("destroy", "--yes");
    assert.equal(code, 0);
    assert.match(stdout, /Destroying \(dev\):\n/);
    assert.match(summaryOf(plain(stdout)), /- 4 to delete\n/);
    assert.match(
      plain(stdout),
      /Resources:\n {4}- 4 deleted\n\nDuration: 1s\n\nThe resources in the stack have been deleted/,
    );
    assert.deepEqual(sandbox.made, []);
    assert.equal((await sandbox.run("destroy", "-yf")).code, 0);
  });
});

describe("policy packs", function () {
  this.timeout(300_000);
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.make();
  });
  after(() => sandbox.remove());

  it("stop the resource that breaks a mandatory rule, and say which rule, why, and what to do", async () => {
    await sandbox.things({ one: { value: "cheap" } });
    const { code, stdout } = await sandbox.run("up", "-yf", "--policy-pack", "pack");
    assert.equal(code, 1);
    assert.ok(
      stdout.includes(`Policies:
    ❌ shop-policies@v2.0.0 (local: pack)
        - [mandatory] [severity: high]  no-cheap-things  (tiny:index:Thing: one)
          Cheap things break.
          It is cheap.
          Remedy: Set value to something dear.
`),
      stdout,
    );
    assert.doesNotMatch(stdout, /Resources:/);
    assert.deepEqual(sandbox.made, []);
  });

  it("mend what they can, and let advice pass", async () => {
    await sandbox.things({ one: { stamp: "wanted" } });
    const { code, stdout } = await sandbox.run("up", "-yf", "--policy-pack", "pack");
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      /⚠️ shop-policies@v2\.0\.0 \(local: pack\)\n {8}- \[remediate\] {2}stamp-things {2}\(1 resource\)\n/,
    );
    assert.match(stdout, /- \[advisory\] {2}name-things {2}\(tiny:index:Thing: one\)\n/);
    assert.deepEqual(sandbox.made, [{ stamp: "done" }]);
  });

  it("take their levels from the file of --policy-pack-config", async () => {
    const file = join(sandbox.root, "policy.json");
    writeFileSync(file, JSON.stringify({ "name-things": "mandatory" }));
    const configured = ["--policy-pack", "pack", "--policy-pack-config", file];
    const { code, stdout } = await sandbox.run("preview", ...configured);
    assert.equal(code, 1);
    assert.match(stdout, /- \[mandatory\] {2}name-things/);
    const missing = await sandbox.run(
      "preview",
      "--policy-pack",
      "pack",
      "--policy-pack-config",
      "nosuch.json",
    );
    assert.deepEqual(
      [missing.code, missing.stderr],
      [2, "error: --policy-pack-config nosuch.json: there is no such file\n"],
    );
  });
});

describe("the configuration on an update's command line", function () {
  this.timeout(300_000);
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.make();
  });
  after(() => sandbox.remove());

  it("is what the program gets, and stays in the stack's file", async () => {
    const { code, stdout } = await sandbox.run("preview", "-c", "say=a=b, c", "--config", "other");
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^ +a=b, c$/m);
    assert.equal((await sandbox.run("config", "get", "say")).stdout, "a=b, c\n");
    assert.equal((await sandbox.run("config", "get", "other")).stdout, "\n");
  });

  it("may be paths, of every command that updates", async () => {
    for (const command of ["up", "refresh", "destroy"]) {
      const { code, stderr } = await sandbox.run(
        ...[command, "--yes", "--skip-preview"],
        ...["-c", `last.name=${command}`, "-c", "last.count=2", "--config-path"],
      );
      assert.equal(code, 0, stderr);
      const { stdout } = await sandbox.run("config", "get", "last");
      assert.equal(stdout, `{"count":2,"name":"${command}"}\n`);
    }
  });
});
