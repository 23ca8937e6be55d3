import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Backbone } from "../../../components/backbone/backbone";
import { DirectDeployment } from "../../../components/deployments/direct";
import { declaredBy, type Declared } from "../../support/mocks";

const backbone: Backbone = {
  network: pulumi.output("shared-mesh"),
  postgres: {
    host: pulumi.output("slipway-postgres"),
    port: 5432,
    database: "slipway",
    user: "slipway",
    password: pulumi.secret("postgres-canary"),
  },
  redis: { host: pulumi.output("slipway-redis"), port: 6379, password: pulumi.secret("redis-canary") },
  gatewayUrl: pulumi.output("http://127.0.0.1:8080"),
};

function deploy(version: string, replicas = 1): Promise<Declared[]> {
  return declaredBy(() => {
    new DirectDeployment("sample", {
      prefix: "slipway",
      service: "sample",
      version,
      image: `sha256:${"d".repeat(64)}`,
      replicas,
      memoryMb: 256,
      backbone,
      gateway: "slipway-gateway",
      pathPrefix: "/",
      readyTimeoutSeconds: 60,
      smokeTimeoutSeconds: 30,
      drainSeconds: 10,
    });
  });
}

const inputsOf = (declared: Declared[], type: string) =>
  declared.filter((resource) => resource.type === type).map(({ inputs }) => inputs);

describe("components/deployments/direct", () => {
  it("starts the containers, warms the backend, smoke tests it, and only then moves the traffic", async () => {
    const declared = await deploy("1.4.0");
    assert.deepEqual(
      declared.map(({ type }) => type).filter((type) => /Container$|^slipway:index:/.test(type)),
      [
        "docker:index/container:Container",
        "slipway:index:Backend",
        "slipway:index:SmokeTest",
        "slipway:index:Rollout",
      ],
    );
  });

  it("names what runs a version by the version, so that two stand side by side", async () => {
    const names = (declared: Declared[]) =>
      inputsOf(declared, "docker:index/container:Container").map(({ name }) => name);
    assert.deepEqual(names(await deploy("1.4.0", 2)), ["slipway-sample-1.4.0-1", "slipway-sample-1.4.0-2"]);
    assert.deepEqual(names(await deploy("1.5.0")), ["slipway-sample-1.5.0-1"]);
  });

  it("hands the smoke test to the rollout, and the backend to the smoke test", async () => {
    const declared = await deploy("1.4.0");
    const [smokeTest] = inputsOf(declared, "slipway:index:SmokeTest");
    const [rollout] = inputsOf(declared, "slipway:index:Rollout");
    assert.equal(smokeTest?.["backend"], "sample-1.4.0-id");
    assert.deepEqual(rollout, {
      gateway: "slipway-gateway",
      service: "sample",
      pathPrefix: "/",
      version: "1.4.0",
      strategy: { kind: "direct" },
      smokeTest: "sample-1.4.0-smoke-id",
    });
  });

  it("lists each replica as a server of the backend", async () => {
    const [backend] = inputsOf(await deploy("1.4.0", 2), "slipway:index:Backend");
    assert.deepEqual(backend?.["servers"], [
      { name: "s1", container: "slipway-sample-1.4.0-1", port: 8080 },
      { name: "s2", container: "slipway-sample-1.4.0-2", port: 8080 },
    ]);
  });
});
