import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { noMemory, type StackMemory } from "../../stacks/target";
import { valuesOf, withMember } from "./config-values";
import { goldenFile, planOf, planText, trackedPlan, type Planned } from "./plan";

const commit = "c".repeat(40);
const version = (name: string) => ({
  ...{
    version: name,
    commit,
    image: `registry.example.com/sample:${name}@sha256:${"d".repeat(64)}`,
    memoryMb: 2048,
  },
  ...{ drainSeconds: 10, featureFlags: {}, toggles: {}, contracted: [], restoreCommand: null },
});
const inputsOf = (plan: readonly Planned[], name: string, type: string) =>
  plan.find((each) => each.name === name && each.type === type)?.inputs;
const releaseOf = (plan: readonly Planned[]) => inputsOf(plan, "sample-release", "slipway:index:Release");

describe("stacks/cloud", function () {
  this.timeout(180_000);

  for (const environment of ["staging", "production"] as const) {
    it(`plans ${environment} as reviewed; else run \`npm run golden\` and review the difference`, async () => {
      assert.equal(planText(await trackedPlan(environment)), readFileSync(goldenFile(environment), "utf8"));
    });
  }

  it("puts into production's release, the first resource, what staging runs and since when", async () => {
    const staging = {
      live: "1.0.0",
      versions: [version("1.0.0")],
      smokePassedAt: "2026-11-29T10:00:00Z",
      liveSince: "2026-11-29T10:00:00Z",
    };
    const order: string[] = [];
    const plan = await planOf("production", { staging, declared: (type) => order.push(type) });
    // Nothing is declared before the release but what it reads.
    assert.deepEqual(
      order.slice(0, order.indexOf("slipway:index:Release")).filter((type) => !type.startsWith("pulumi:")),
      [],
    );
    assert.deepEqual(releaseOf(plan)?.["upstream"], {
      stack: "organization/slipway/staging",
      version: "1.0.0",
      commit,
      images: { sample: version("1.0.0").image },
      smokePassedAt: "2026-11-29T10:00:00Z",
      liveSince: "2026-11-29T10:00:00Z",
    });
  });

  it("plans production where staging has no stack", async () => {
    assert.equal(releaseOf(await trackedPlan("production"))?.["upstream"], undefined);
  });

  it("rolls back to the version before with its own image, without gates, and holds the one it leaves", async () => {
    const memory: StackMemory = {
      ...noMemory,
      ...{ live: "1.1.0", previous: "1.0.0", versions: [version("1.1.0"), version("1.0.0")] },
    };
    const values = { ...valuesOf("production"), version: "1.1.0", rollbackTo: "1.0.0" };
    const plan = await planOf("production", { values, memory, staging: {} });
    const task = JSON.stringify(inputsOf(plan, "sample-task", "aws:ecs/taskDefinition:TaskDefinition"));
    assert.ok(task.includes(version("1.0.0").image));
    assert.equal(releaseOf(plan)?.["rollback"], true);
    // Staging has deployed nothing.
    assert.equal(releaseOf(plan)?.["upstream"], undefined);
    const service = inputsOf(plan, "sample", "aws:ecs/service:Service") as {
      deploymentConfiguration: { lifecycleHooks: unknown[] };
    };
    assert.deepEqual(service.deploymentConfiguration.lifecycleHooks, []);
  });

  it("refuses bad input before any resource", async () => {
    const declared: string[] = [];
    const values = withMember(valuesOf("production"), "environments", ["production", "zones"], []);
    await assert.rejects(planOf("production", { values, declared: (type) => declared.push(type) }), {
      message: /zones has no zone; at least 2 are needed/,
    });
    assert.deepEqual(
      declared.filter((type) => type !== "pulumi:pulumi:Stack"),
      [],
    );
  });
});
