import assert from "node:assert/strict";
import { parseCloudConfig, parseLocalConfig } from "../../stacks/config";
import type { CloudEnvironment } from "../../stacks/environments";
import { cloudSchema, localSchema } from "../../stacks/schema";
import { defaults, ownValues, project, valuesOf, withMember } from "./config-values";

const none = () => false;
const local = (values: Record<string, string>) => parseLocalConfig({ ...defaults, ...values }, none);

/** The faults that a cloud stack's configuration has, without the frame of the message. */
function faultsOf(values: Record<string, string>, environment: CloudEnvironment = "production"): string[] {
  try {
    parseCloudConfig(environment, values, none);
  } catch (error) {
    return (error as Error).message
      .split("\n")
      .slice(1, -1)
      .map((line) => line.replace("  - ", ""));
  }
  return [];
}

describe("stacks/config", () => {
  it("reads exactly the keys that Pulumi.yaml declares, for every stack", () => {
    const declared = Object.keys(project.config).sort();
    assert.deepEqual(Object.keys(localSchema.shape).sort(), declared);
    assert.deepEqual(Object.keys(cloudSchema.shape).sort(), declared);
  });

  it("accepts the tracked configuration of every stack", () => {
    assert.equal(parseLocalConfig(valuesOf("local"), none).docker.gatewayPort, 8080);
    for (const environment of ["staging", "production"] as const) {
      const { cloud, place } = parseCloudConfig(environment, valuesOf(environment), none);
      assert.equal(cloud.protect, true);
      assert.ok(place.zones.length >= 2);
    }
  });

  it("gives the local stack defaults for all that it takes", () => {
    const config = local({});
    assert.deepEqual(config.strategy, { kind: "direct" });
    assert.deepEqual(config.docker, {
      network: "shared-mesh",
      gatewayPort: 8080,
      maxBodyBytes: 1048576,
      postgresMemoryMb: 512,
      redisMemoryMb: 128,
      gatewayMemoryMb: 128,
    });
  });

  it("has the same keys in staging's file and in production's, those inside objects too", () => {
    const keysOf = (environment: CloudEnvironment) => {
      const { cloud, ...others } = ownValues(environment);
      const inner = (value: unknown): unknown =>
        value !== null && typeof value === "object" && !Array.isArray(value)
          ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inner(each)]))
          : "";
      return { keys: Object.keys(others), cloud: inner(JSON.parse(cloud ?? "{}")) };
    };
    assert.deepEqual(keysOf("production"), keysOf("staging"));
  });

  it("describes every key in Pulumi.yaml", () => {
    for (const [key, { description }] of Object.entries(project.config)) {
      assert.match(description, /^[A-Z][^]*\.$/, key);
    }
  });

  it("tells all faults at once, each with key, value and what is allowed", () => {
    const docker = '{"gatewayPort":80}';
    assert.throws(() => local({ docker, replicas: "many", service: "Sample!" }), {
      message: [
        "The configuration has 3 faults:",
        '  - slipway:service is "Sample!"; allowed: 1 to 40 lower-case letters, digits and dashes, beginning with a letter and not ending with a dash',
        '  - slipway:replicas is "many"; allowed: a whole number from 1 to 8',
        "  - slipway:docker.gatewayPort is 80; allowed: a whole number from 1024 to 65535",
        "Mend it in the stack's Pulumi.<stack>.yaml or with `pulumi config set`; Pulumi.yaml describes every key.",
      ].join("\n"),
    });
  });

  it("names the key that a mistyped one was probably meant to be", () => {
    assert.throws(() => local({ drainseconds: "8" }), {
      message: /slipway:drainseconds is no key of this project; did you mean drainSeconds\?/,
    });
    assert.throws(() => local({ docker: '{"gateway":1}' }), {
      message: /slipway:docker.gateway is not known here; is it misspelt\?/,
    });
  });

  it("refuses a strategy of an unknown kind", () => {
    assert.throws(() => local({ strategy: '{"kind":"yolo"}' }), {
      message: /slipway:strategy.kind is "yolo"; allowed/,
    });
  });

  it("refuses an image that is not pinned by digest", () => {
    assert.throws(() => local({ postgresImage: "postgres:latest" }), {
      message: /slipway:postgresImage is "postgres:latest"; allowed: an image pinned by digest/,
    });
  });

  it("does not print the value of a secret key", () => {
    assert.throws(
      () => parseLocalConfig({ ...defaults, service: "Canary!" }, (key) => key === "service"),
      (error: Error) => !error.message.includes("Canary") && error.message.includes("[secret]"),
    );
  });

  it("refuses a secret that is absent from the matrix, without its value", () => {
    const values = { ...valuesOf("staging"), apiKey: "canary" };
    assert.throws(
      () => parseCloudConfig("staging", values, (key) => key === "apiKey"),
      (error: Error) =>
        error.message.includes(
          "slipway:apiKey is a secret that is absent from the matrix; give it a row in stacks/secrets-matrix.ts, or remove it",
        ) && !error.message.includes("canary"),
    );
  });

  it("refuses what is of the other kind of stack", () => {
    assert.throws(() => local({ image: "sample:1.0.0" }), {
      message:
        /slipway:image is "sample:1.0.0"; allowed: empty: the local stack runs the image that set-up built/,
    });
    assert.throws(() => local({ cloud: '{"protect":true}' }), {
      message: /slipway:cloud is .*; allowed: nothing: the local stack is on Docker/,
    });
    assert.match(
      faultsOf({ ...valuesOf("production"), docker: '{"gatewayPort":9000}' }).join(),
      /slipway:docker is .*; allowed: nothing: this stack is on AWS; `cloud` says how/,
    );
  });

  describe("of a stack on AWS", () => {
    const production = valuesOf("production");
    const place = (path: readonly string[], value: unknown) =>
      faultsOf(withMember(production, "environments", path, value));

    it("refuses fewer zones than two, and one of another region", () => {
      assert.deepEqual(place(["production", "zones"], ["eu-central-1a"]), [
        "slipway:environments.production: zones has only eu-central-1a; at least 2 are needed, so that one may fail. Add another zone of eu-central-1.",
      ]);
      assert.match(place(["production", "zones"], ["eu-central-1a", "us-east-1b"]).join(), /"us-east-1b"/);
    });

    it("refuses a network that is too small, or overlaps the other environment's", () => {
      assert.match(
        place(["production", "cidr"], "10.30.0.0/24").join(),
        /10\.30\.0\.0\/24 has 256 addresses/,
      );
      assert.match(place(["production", "cidr"], "10.20.0.0/16").join(), /overlaps 10\.20\.0\.0\/16/);
    });

    it("refuses staging's account, domain and zone for production", () => {
      assert.deepEqual(place(["production", "account"], "111122223333"), [
        'slipway:environments.production.account is "111122223333", as staging\'s; allowed: another one, since a mistake in staging ' +
          "must not reach production",
      ]);
      assert.equal(place(["production", "domain"], "staging.example.net").length, 1);
      assert.equal(place(["production", "cloudflareZone"], "00112233445566778899aabbccddeeff").length, 1);
    });

    it("refuses an image by tag, or without one", () => {
      const image = "777788889999.dkr.ecr.eu-central-1.amazonaws.com/sample";
      for (const bad of [`${image}:1.0.0`, `${image}@sha256:${"0".repeat(64)}`, ""]) {
        assert.deepEqual(faultsOf({ ...production, image: bad }), [
          `slipway:image is ${JSON.stringify(bad)}; allowed: the service's image in a registry, tagged with its version and pinned by ` +
            "digest: <registry>/sample:1.4.0@sha256:<64 hex>",
        ]);
      }
    });

    it("refuses staging's address anywhere in production's configuration", () => {
      const values = withMember(production, "cloud", ["alertEmails"], ["ops@staging.example.net"]);
      assert.deepEqual(faultsOf(values), [
        "slipway:cloud names staging.example.net, which is staging's; allowed: production's own addresses",
      ]);
    });

    it("refuses what ECS cannot do, and fewer tasks at most than at least", () => {
      assert.match(
        faultsOf({ ...production, strategy: '{"kind":"blue-green","bakeSeconds":30}' }).join(),
        /slipway:strategy: .*whole minutes/,
      );
      assert.deepEqual(faultsOf(withMember(production, "cloud", ["maxReplicas"], 2)), [
        "slipway:cloud.maxReplicas is 2; allowed: at least slipway:replicas, 3",
      ]);
    });

    it("tells every fault of size and shape at once", () => {
      const values = withMember(production, "cloud", ["postgres", "backupDays"], 90);
      assert.deepEqual(faultsOf({ ...values, prefix: "a-much-too-long-one", serviceMemoryMb: "700" }), [
        'slipway:prefix is "a-much-too-long-one"; allowed: 1 to 9 of a-z, 0-9 and -, from a letter on',
        'slipway:serviceMemoryMb is "700"; allowed: 512, 1024, 2048, 4096 or 8192: a task has half as many CPU units',
        "slipway:cloud.postgres.backupDays is 90; allowed: a whole number from 1 to 35",
      ]);
    });
  });
});
