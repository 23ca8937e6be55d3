import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { BlueGreenDeployment } from "../../../components/deployments/blue-green";
import { CanaryDeployment } from "../../../components/deployments/canary";
import type { DeploymentArgs } from "../../../components/deployments/deployment";
import { DirectDeployment } from "../../../components/deployments/direct";
import { RollingDeployment } from "../../../components/deployments/rolling";
import type { VersionArgs } from "../../../components/deployments/service-version";
import type { StrategyKind } from "../../../provider/schema/strategy";
import { declaredBy, type Declared } from "../../support/mocks";

const version = (number: string): VersionArgs => ({
  version: number,
  image: `sha256:${"d".repeat(64)}`,
  commit: "c".repeat(40),
  memoryMb: 256,
  drainSeconds: 10,
  featureFlags: { newestLast: true },
  toggles: { announcements: "mock" },
  stores: {
    postgres: {
      host: pulumi.output("slipway-postgres"),
      port: 5432,
      database: "slipway",
      user: "slipway",
      password: pulumi.secret("postgres-canary"),
    },
    redis: { host: pulumi.output("slipway-redis"), port: 6379, password: pulumi.secret("redis-canary") },
  },
});

const common: Omit<DeploymentArgs<StrategyKind>, "strategy"> = {
  prefix: "slipway",
  service: "sample",
  target: version("1.4.0"),
  kept: undefined,
  rollback: false,
  replicas: 1,
  backbone: {
    network: pulumi.output("shared-mesh"),
    gatewayUrl: pulumi.output("http://127.0.0.1:8080"),
    gatewayContainer: pulumi.output("slipway-gateway"),
    backups: {
      image: "postgres",
      container: pulumi.output("slipway-postgres"),
      backupVolume: pulumi.output("slipway-backups"),
    },
  },
  migrations: { list: ["list"], run: ["run"] },
  backup: { keepCount: 3, keepDays: 30 },
  migrationTimeoutSeconds: 600,
  readyTimeoutSeconds: 60,
  smokeTimeoutSeconds: 30,
  pathPrefix: "/",
  environment: "local",
  history: ".slipway/history/local.jsonl",
};
const canary = { kind: "canary", steps: [5, 100], bakeSeconds: 60, sticky: false } as const;
const deployCanary = (over: Partial<typeof common> = {}): Promise<Declared[]> =>
  declaredBy(
    () =>
      void new CanaryDeployment("sample", { ...common, ...over, strategy: { ...canary, steps: [5, 100] } }),
  );

const inputsOf = (declared: Declared[], type: string) =>
  declared.filter((resource) => resource.type === type).map(({ inputs }) => inputs);
const namesOf = (declared: Declared[]) =>
  declared
    .filter(({ type }) => /Container$|^slipway:index:/.test(type))
    .map(({ type, name }) => [type.split(":").at(-1), name]);

describe("components/deployments", () => {
  it("backs up and expands the schema, starts the version, tests it, moves the traffic, and only then contracts", async () => {
    assert.deepEqual(namesOf(await deployCanary()), [
      ["Backup", "sample-1.4.0-backup"],
      ["Migration", "sample-1.4.0-expand"],
      ["Container", "sample-1.4.0-1"],
      ["Backend", "sample-1.4.0"],
      ["SmokeTest", "sample-1.4.0-smoke"],
      ["Rollout", "sample"],
      ["Migration", "sample-1.4.0-contract"],
      ["DeploymentRecord", "sample-record"],
    ]);
  });

  it("declares the version that stays warm with all its gates, so that they do not run again on the way back", async () => {
    const names = namesOf(await deployCanary({ kept: version("1.3.0") })).map(([, name]) => name);
    assert.equal(names.length, 14);
    for (const part of ["-backup", "-expand", "-1", "", "-smoke", "-contract"]) {
      assert.ok(names.includes(`sample-1.3.0${part}`), part);
    }
    assert.equal(names.filter((name) => name === "sample").length, 1);
  });

  it("names what runs a version by the version, and gives each replica a server in its backend", async () => {
    const declared = await deployCanary({ replicas: 2 });
    assert.deepEqual(
      inputsOf(declared, "docker:index/container:Container").map(({ name }) => name),
      ["slipway-sample-1.4.0-1", "slipway-sample-1.4.0-2"],
    );
    assert.deepEqual(inputsOf(declared, "slipway:index:Backend")[0]?.["servers"], [
      { name: "s1", container: "slipway-sample-1.4.0-1", port: 8080 },
      { name: "s2", container: "slipway-sample-1.4.0-2", port: 8080 },
    ]);
  });

  it("hands the service its flags and toggles as JSON", async () => {
    const [container] = inputsOf(await deployCanary(), "docker:index/container:Container");
    // Secret, for the passwords in it.
    const { value: envs } = container?.["envs"] as { value: string[] };
    assert.ok(envs.includes('FEATURE_FLAGS={"newestLast":true}'));
    assert.ok(envs.includes('TOGGLES={"announcements":"mock"}'));
  });

  it("hands the strategy and the smoke test's id to the rollout, and says what is a rollback", async () => {
    const [rollout] = inputsOf(await deployCanary({ rollback: true }), "slipway:index:Rollout");
    assert.deepEqual(
      { ...rollout, live: undefined, previous: undefined, steps: undefined, plan: undefined },
      {
        gateway: "slipway-gateway",
        service: "sample",
        pathPrefix: "/",
        version: "1.4.0",
        strategy: canary,
        smokeTest: "sample-1.4.0-smoke-id",
        environment: "local",
        history: ".slipway/history/local.jsonl",
        rollback: true,
        live: undefined,
        previous: undefined,
        steps: undefined,
        plan: undefined,
      },
    );
  });

  it("is a component of its own type for each strategy", async () => {
    const types = async (program: () => void) =>
      (await declaredBy(program)).map(({ type }) => type).filter((type) => type.endsWith("Deployment"));
    assert.deepEqual(
      await types(() => void new DirectDeployment("sample", { ...common, strategy: { kind: "direct" } })),
      ["slipway:deployments:DirectDeployment"],
    );
    assert.deepEqual(
      await types(
        () =>
          void new BlueGreenDeployment("sample", {
            ...common,
            strategy: { kind: "blue-green", bakeSeconds: 0 },
          }),
      ),
      ["slipway:deployments:BlueGreenDeployment"],
    );
    assert.deepEqual(
      await types(
        () =>
          void new RollingDeployment("sample", { ...common, strategy: { kind: "rolling", bakeSeconds: 0 } }),
      ),
      ["slipway:deployments:RollingDeployment"],
    );
  });
});
