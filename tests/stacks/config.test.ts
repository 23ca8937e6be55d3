import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { parseConfig } from "../../stacks/config";

const project = parse(readFileSync("Pulumi.yaml", "utf8")) as {
  config: Record<string, { type: string; description: string; default: unknown }>;
};

/** The defaults of Pulumi.yaml, as an engine hands them to the program. */
const defaults = Object.fromEntries(
  Object.entries(project.config).map(([key, { default: value }]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]),
);
const none = () => false;

describe("stacks/config", () => {
  it("accepts the defaults that Pulumi.yaml declares, for exactly the keys it reads", () => {
    const config = parseConfig(defaults, none);
    assert.deepEqual(Object.keys(config).sort(), Object.keys(project.config).sort());
    assert.equal(config.gatewayPort, 8080);
    assert.deepEqual(config.strategy, { kind: "direct" });
  });

  it("describes every key in Pulumi.yaml", () => {
    for (const [key, { description }] of Object.entries(project.config)) {
      assert.match(description, /^[A-Z].*\.$/, key);
    }
  });

  it("tells all faults at once, each with key, value and what is allowed", () => {
    assert.throws(
      () => parseConfig({ ...defaults, gatewayPort: "80", replicas: "many", service: "Sample!" }, none),
      {
        message: [
          "The configuration has 3 faults:",
          '  - slipway:service is "Sample!"; allowed: 1 to 40 lower-case letters, digits and dashes, beginning with a letter and not ending with a dash',
          '  - slipway:replicas is "many"; allowed: a whole number from 1 to 8',
          '  - slipway:gatewayPort is "80"; allowed: a whole number from 1024 to 65535',
          "Mend it in the stack's Pulumi.<stack>.yaml or with `pulumi config set`; Pulumi.yaml describes every key.",
        ].join("\n"),
      },
    );
  });

  it("names the key that a mistyped one was probably meant to be", () => {
    assert.throws(() => parseConfig({ ...defaults, gatewayport: "8081" }, none), {
      message: /slipway:gatewayport is no key of this project; did you mean gatewayPort\?/,
    });
  });

  it("refuses a strategy of an unknown kind", () => {
    assert.throws(() => parseConfig({ ...defaults, strategy: '{"kind":"yolo"}' }, none), {
      message: /slipway:strategy.kind is/,
    });
  });

  it("refuses an image that is not pinned by digest", () => {
    assert.throws(() => parseConfig({ ...defaults, postgresImage: "postgres:latest" }, none), {
      message: /slipway:postgresImage is "postgres:latest"; allowed: an image pinned by digest/,
    });
  });

  it("does not print the value of a secret key", () => {
    assert.throws(
      () => parseConfig({ ...defaults, service: "Canary!" }, (key) => key === "service"),
      (error: Error) => !error.message.includes("Canary") && error.message.includes("[secret]"),
    );
  });
});
