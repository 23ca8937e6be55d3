import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { DockerBackbone } from "../../../components/backbone/docker-backbone";
import { postgresSettings } from "../../../components/backbone/docker-postgres";
import { declaredBy, type Declared } from "../../support/mocks";

const image = (letter: string): string => `sha256:${letter.repeat(64)}`;

function makeBackbone(): DockerBackbone {
  return new DockerBackbone("backbone", {
    prefix: "slipway",
    network: "shared-mesh",
    postgres: {
      image: image("a"),
      majorVersion: "17",
      password: pulumi.secret("postgres-canary"),
      memoryMb: 512,
    },
    redis: { image: image("b"), memoryMb: 128 },
    gateway: { image: image("c"), port: 8080, maxBodyBytes: 1048576, memoryMb: 128 },
    readyTimeoutSeconds: 60,
  });
}

async function declareBackbone(): Promise<{ declared: Declared[]; backbone: DockerBackbone }> {
  let backbone: DockerBackbone | undefined;
  const declared = await declaredBy(() => {
    backbone = makeBackbone();
  });
  assert.ok(backbone !== undefined);
  return { declared, backbone };
}

const containerType = "docker:index/container:Container";

describe("components/backbone/docker-backbone", () => {
  it("declares the network, a volume and a container for each of the three, and a volume for dumps", async () => {
    const { declared } = await declareBackbone();
    assert.deepEqual(
      declared
        .filter(({ type }) => type.startsWith("docker:"))
        .map(({ type, inputs }) => `${type.split(":")[2]} ${String(inputs["name"])}`)
        .sort(),
      [
        "Container slipway-gateway",
        "Container slipway-postgres",
        "Container slipway-redis",
        "Network shared-mesh",
        "Volume slipway-backups",
        "Volume slipway-gateway",
        "Volume slipway-postgres-17",
        "Volume slipway-redis",
      ],
    );
  });

  it("hardens every container: read-only, no capabilities, no new privileges, limits, restart, health check", async () => {
    const { declared } = await declareBackbone();
    const containers = declared.filter(({ type }) => type === containerType);
    assert.equal(containers.length, 3);
    for (const { name, inputs } of containers) {
      assert.equal(inputs["readOnly"], true, name);
      assert.deepEqual(inputs["capabilities"], { drops: ["ALL"] }, name);
      assert.deepEqual(inputs["securityOpts"], ["no-new-privileges:true"], name);
      assert.equal(inputs["memory"], inputs["memorySwap"], name);
      assert.ok(Number(inputs["memory"]) > 0, name);
      assert.equal(inputs["restart"], "unless-stopped", name);
      assert.notEqual(inputs["user"], undefined, name);
      assert.ok((inputs["healthcheck"] as { tests: string[] }).tests.length > 1, name);
    }
  });

  it("publishes the gateway alone, on loopback", async () => {
    const { declared } = await declareBackbone();
    assert.deepEqual(
      declared
        .filter(({ inputs }) => inputs["ports"] !== undefined)
        .map(({ name, inputs }) => [name, inputs["ports"]]),
      [["backbone-gateway", [{ internal: 8080, external: 8080, ip: "127.0.0.1", protocol: "tcp" }]]],
    );
  });

  it("gives a container no password but Postgres the first one, in its environment", async () => {
    const { declared } = await declareBackbone();
    for (const { name, inputs } of declared.filter(({ type }) => type === containerType)) {
      const { envs, ...others } = inputs;
      assert.doesNotMatch(JSON.stringify(others), /canary/, name);
      assert.equal(/canary/.test(JSON.stringify(envs)), name === "backbone-postgres", name);
    }
  });

  it("answers where things are", async () => {
    const { backbone } = await declareBackbone();
    const values = pulumi.all([
      backbone.network,
      backbone.gatewayUrl,
      backbone.backups.container,
      backbone.backups.backupVolume,
    ]);
    assert.deepEqual(await new Promise((resolve) => values.apply(resolve)), [
      "shared-mesh",
      "http://127.0.0.1:8080",
      "slipway-postgres",
      "slipway-backups",
    ]);
  });

  it("makes a login for each rotation of a password: the owner first, then roles that act as the owner", async () => {
    const declared = await declaredBy(() => {
      const { postgres, redis } = makeBackbone();
      for (const rotation of ["", "2026-11-30"]) {
        const endpoint = postgres.login(rotation, pulumi.secret(`postgres-canary-${rotation}`));
        assert.deepEqual([endpoint.port, endpoint.database], [5432, "slipway"]);
        redis.login(rotation, pulumi.secret(`redis-canary-${rotation}`));
      }
    });
    const logins = declared.filter(({ type }) => type === "slipway:index:Login");
    assert.deepEqual(
      logins
        .map(({ name, inputs }) => [
          name,
          inputs["store"],
          inputs["user"],
          inputs["owner"],
          inputs["container"],
        ])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      [
        ["backbone-postgres-login", "postgres", "slipway", "slipway", "slipway-postgres"],
        ["backbone-postgres-login-e0b7c446", "postgres", "slipway_e0b7c446", "slipway", "slipway-postgres"],
        ["backbone-redis-login", "redis", "default", "default", "slipway-redis"],
        ["backbone-redis-login-e0b7c446", "redis", "default", "default", "slipway-redis"],
      ],
    );
  });
});

describe("components/backbone/docker-postgres", () => {
  it("derives buffers and cache from the memory limit", () => {
    const { shared_buffers, effective_cache_size, maintenance_work_mem } = postgresSettings(1024);
    assert.deepEqual(
      [shared_buffers, effective_cache_size, maintenance_work_mem],
      ["256MB", "768MB", "64MB"],
    );
  });
});
