import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";

describe("the stacks on AWS and Cloudflare", function () {
  this.timeout(600_000);
  let home: string;
  before(() => (home = mkdtempSync(join(tmpdir(), "slipway-nobody-"))));
  after(() => rmSync(home, { recursive: true }));

  /** As somebody without an account, a passphrase, a CLI or a home that knows anything. */
  const slipway = (...args: string[]) =>
    execa(process.execPath, ["pipeline/dist/main.js", ...args], {
      env: { HOME: home, PATH: [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter) },
      ...{ extendEnv: false, all: true, reject: false, stdin: "ignore" },
    });

  for (const [stack, refusals] of [
    ["staging", ["release-require-evidence"]],
    ["production", ["release-require-evidence", "release-require-staging-first"]],
  ] as const) {
    it(`previews ${stack} whole, by nobody, and refuses only what is not proved of this commit`, async () => {
      const { exitCode, all } = await slipway("preview", stack);
      assert.equal(exitCode, 1, all);
      const refused = [...all.matchAll(/\[mandatory\] \[severity: \w+\] {2}([\w-]+)/g)].map(
        ([, rule]) => rule,
      );
      assert.deepEqual([...new Set(refused)].sort(), [...refusals], all);
      for (const type of [
        "aws:ecs/service:Service",
        "aws:rds/instance:Instance",
        "cloudflare:index:D1Database",
      ]) {
        const short = type.replace(/\/\w+/, "");
        assert.match(all, new RegExp(`\\+ +${short} `), all);
      }
    });
  }

  const steps = {
    staging: ["1.1.0, direct", "1.2.0, blue-green", "1.3.0, canary", "1.4.0, rolling"],
    production: ["1.1.0, blue-green", "1.2.0, canary"],
  };
  for (const [stack, upgrades] of Object.entries(steps)) {
    it(`rehearses the life of ${stack}, from creation over a silent rollback of ECS to destruction`, async () => {
      const { exitCode, all } = await slipway("rehearse", stack);
      const table = [...all.matchAll(/^(\S.*?) +(as it must|WRONG) +[\d.]+ m?s$/gm)].map(
        ([, name, verdict]) => `${name}: ${verdict}`,
      );
      assert.deepEqual(
        table,
        [
          "create with 1.0.0",
          ...upgrades.map((upgrade) => `upgrade to ${upgrade}`),
          "failing 2.0.0, which ECS rolls back without a word",
          `rollback to ${upgrades.at(-2)?.split(",")[0]}`,
          "rotation of the Redis password",
          "destroy, refused by protection",
          "protection lifted, destroy",
        ].map((step) => `${step}: as it must`),
        all,
      );
      assert.equal(exitCode, 0, all);
    });
  }

  it("are not really updated by the embedded engine: it says what to install, and touches nothing", async () => {
    for (const command of ["up", "rollback"]) {
      const { exitCode, all } = await slipway(command, "staging");
      assert.equal(exitCode, 1);
      assert.match(all, /^error: An update of staging needs the Pulumi CLI, .* Nothing was touched\.$/m);
    }
  });
});
