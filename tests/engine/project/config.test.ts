import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  getConfig,
  overrideConfig,
  removeConfig,
  resolveConfig,
  setConfig,
} from "../../../engine/project/config";
import { configText } from "../../../engine/project/config-value";
import type { ConfigDeclaration, Project } from "../../../engine/project/project";
import { loadProject } from "../../../engine/project/project";
import { StackConfig, stackConfigPath } from "../../../engine/project/stack-config";
import { PassphraseSecrets } from "../../../engine/state/secrets";
import type { Value } from "../../../engine/values";

const crypter = {
  encrypt: (plaintext: string) => `<${plaintext}>`,
  decrypt: (ciphertext: string) => ciphertext.slice(1, -1),
};
const project = (config: Record<string, ConfigDeclaration> = {}): Project => ({
  file: "/shop/Pulumi.yaml",
  root: "/shop",
  name: "shop",
  runtime: { name: "nodejs", options: {} },
  config,
  providers: [],
  analyzers: [],
  stackConfigDirectory: "/shop",
});
const resolved = (declared: Record<string, ConfigDeclaration>, values: Record<string, Value>) =>
  resolveConfig(project(declared), "dev", new Map(Object.entries(values)), crypter);

describe("resolveConfig", () => {
  it("gives every value as a string, decrypted, and names what is secret by its full key", () => {
    const { values, secretKeys, stored } = resolved(
      {},
      {
        "shop:a": "x",
        "shop:b": { z: [1, { secure: "<deep>" }], a: null },
        "aws:token": { secure: "<s3cret>" },
      },
    );
    assert.deepEqual(
      [...values],
      [
        ["shop:a", "x"],
        ["shop:b", '{"a":null,"z":[1,"deep"]}'],
        ["aws:token", "s3cret"],
      ],
    );
    assert.deepEqual([...secretKeys], ["shop:b", "aws:token"]);
    assert.deepEqual(stored.get("aws:token"), { secure: "<s3cret>" });
  });

  it("puts the project's defaults under the stack's values", () => {
    const declared: Record<string, ConfigDeclaration> = {
      size: { type: "integer", default: 3 },
      zone: { type: "string", default: "a" },
      list: { default: ["x"] },
      "db.port": { type: "integer", default: 5432 },
      "db.host": { type: "string" },
      "aws:region": { value: "us" },
      "aws:retries": { value: 2 },
    };
    const { values } = resolved(declared, { "shop:zone": "b", "shop:db": { host: "h" }, "aws:region": "eu" });
    assert.deepEqual(Object.fromEntries(values), {
      "shop:zone": "b",
      "shop:db": '{"host":"h","port":5432}',
      "aws:region": "eu",
      "shop:size": "3",
      "shop:list": '["x"]',
      "aws:retries": "2",
    });
  });

  it("reports every missing and mistyped key at once, without showing secrets", () => {
    const items = { type: "string" as const };
    assert.throws(
      () =>
        resolved(
          {
            a: { type: "integer" },
            b: {},
            c: { type: "integer" },
            d: { type: "array", items },
            e: { type: "string", secret: true },
            f: { type: "boolean" },
            g: { type: "object" },
            h: { type: "string" },
          },
          {
            "shop:c": "many",
            "shop:d": ["x", 1],
            "shop:e": "open",
            "shop:f": { secure: "<perhaps>" },
            "shop:g": "x",
            "shop:h": ["y"],
          },
        ),
      new Error(
        [
          "Stack 'dev' is missing configuration value 'a' of type 'integer'; set it with `config set a <value>`",
          "Stack 'dev' is missing configuration value 'b'; set it with `config set b <value>`",
          `Stack 'dev' with configuration key 'c' must be of type 'integer', but it is "many"`,
          `Stack 'dev' with configuration key 'd' must be of type 'array<string>', but it is ["x",1]`,
          "Stack 'dev' with configuration key 'e' must be encrypted as it's secret; set it with `config set --secret e`",
          "Stack 'dev' with configuration key 'f' must be of type 'boolean', but it is [secret]",
          `Stack 'dev' with configuration key 'g' must be of type 'object', but it is "x"`,
          `Stack 'dev' with configuration key 'h' must be of type 'string', but it is ["y"]`,
        ].join("\n"),
      ),
    );
  });

  it("accepts integers and booleans in the form of strings", () => {
    const values = { "shop:a": "-5", "shop:b": "true", "shop:c": [1, "2"] };
    const items = { type: "integer" as const };
    const declared = { a: items, b: { type: "boolean" as const }, c: { type: "array" as const, items } };
    assert.deepEqual([...resolved(declared, values).values.values()], ["-5", "true", '[1,"2"]']);
  });

  it("decrypts what the CLI has encrypted", async () => {
    const fixture = path.join(__dirname, "..", "state", "fixtures", "Pulumi.dev.yaml");
    const config = StackConfig.load(fixture, "shop");
    const secrets = await PassphraseSecrets.open("correct-horse", config.encryptionSalt ?? "");
    const { values, secretKeys } = resolveConfig(project(), "dev", config.values(), secrets);
    assert.deepEqual(Object.fromEntries(values), {
      "shop:token": "t0ken",
      "shop:nested": '{"keys":[{"id":7,"key":"k1"}]}',
    });
    assert.deepEqual([...secretKeys], ["shop:token", "shop:nested"]);
  });
});

describe("config get, set and rm", () => {
  let folder: string;
  let config: StackConfig;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "config-"));
    config = StackConfig.load(path.join(folder, "Pulumi.dev.yaml"), "shop");
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const set = (key: string, text: string, secret = false) =>
    setConfig(project(), config, key, text, true, secret ? crypter : undefined);
  const stored = () => Object.fromEntries(config.values());

  it("set strings at the top, and what looks like a number or boolean below it", () => {
    setConfig(project(), config, "plain", "5", false);
    setConfig(project(), config, "a.b", "x", false);
    set("top", "true");
    set("map.list[0]", "05");
    set("map.list[1]", "5");
    set("map.flag", "false");
    set('["dotted.name"]["a \\"b\\""]', "-7");
    set("map.big", "12345678901234567890");
    assert.deepEqual(stored(), {
      "shop:plain": "5",
      "shop:a.b": "x",
      "shop:top": "true",
      "shop:map": { list: ["05", 5], flag: false, big: "12345678901234567890" },
      "shop:dotted.name": { 'a "b"': -7 },
    });
  });

  it("set secrets at any depth, in place of what was there", () => {
    set("token", "one", true);
    set("map.deep[0].token", "two", true);
    set("token", "three", true);
    set("map.deep[0].token", "4", true);
    assert.deepEqual(stored(), {
      "shop:token": { secure: "<three>" },
      "shop:map": { deep: [{ token: { secure: "<4>" } }] },
    });
    assert.equal(
      configText(getConfig(project(), config, "map", false) ?? null, crypter),
      '{"deep":[{"token":"4"}]}',
    );
    assert.throws(() => configText({ secure: "<x>" }), /this configuration value is encrypted/);
  });

  it("take what an update's command line gives, text as it is, without the passphrase", () => {
    set("map.x", "1");
    overrideConfig(project(), config, ["plain=5", "aws:region=a=b", "empty", "map.y=07"], false);
    assert.deepEqual(stored(), {
      "shop:map": { x: 1 },
      "shop:plain": "5",
      "aws:region": "a=b",
      "shop:empty": "",
      "shop:map.y": "07",
    });
  });

  it("take paths there, which replace, as with the CLI, the whole of what they are in", () => {
    set("map.x", "1");
    overrideConfig(project(), config, ["map.y=2", "map.z=07", "list[0]=true"], true);
    assert.deepEqual(stored(), { "shop:map": { y: 2, z: "07" }, "shop:list": [true] });
  });

  it("get values of the stack and of the project, at any depth", () => {
    set("map.list[0]", "x");
    const declared = project({ size: { default: 3 } });
    assert.equal(getConfig(declared, config, "size", false), "3");
    assert.equal(getConfig(declared, config, "map.list[0]", true), "x");
    for (const missing of ["none", "map.none", "map.list[1]", "map.list.x", "map[0]"]) {
      assert.equal(getConfig(declared, config, missing, true), undefined);
    }
    set("map.token", "x", true);
    assert.equal(getConfig(declared, config, "map.token.secure", true), undefined);
  });

  it("remove values, elements and properties, and nothing else", () => {
    set("map.list[0]", "a");
    set("map.list[1]", "b");
    set("map.x", "1");
    for (const key of ["map.list[0]", "map.none", "none", "map.list[7]"])
      removeConfig(project(), config, key, true);
    assert.deepEqual(stored(), { "shop:map": { list: ["b"], x: 1 } });
    removeConfig(project(), config, "map.x", true);
    removeConfig(project(), config, "shop:none", false);
    assert.deepEqual(stored(), { "shop:map": { list: ["b"] } });
    removeConfig(project(), config, "map", false);
    assert.deepEqual(stored(), {});
  });

  it("refuse paths that do not fit, and change nothing", () => {
    set("map.list[0]", "a");
    const before = stored();
    for (const [key, message] of [
      ["map.list[2]", "array index 2 is out of range: .list has 1 elements"],
      ["map.list.x", ".list is an array: 'x' must be an index"],
      ["map[0]", "the value is a map: [0] must be a name"],
      ["map.list[0].x", ".list[0] is a single value: it has no properties"],
      ["new.secure", 'maps with the single key "secure" are reserved'],
      ["a..b", `'a..b' is not a path to a configuration value; such are servers[0].name and ["a.b"].name`],
      ["[0]", `'[0]' is not a path to a configuration value; such are servers[0].name and ["a.b"].name`],
    ] as const) {
      assert.throws(() => set(key, "x"), new Error(message));
    }
    assert.deepEqual(stored(), before);
  });
});

describe("stackConfigPath", () => {
  it("is beside the project file, with its ending, unless named", () => {
    assert.equal(stackConfigPath(project(), "dev"), "/shop/Pulumi.dev.yaml");
    assert.equal(stackConfigPath({ ...project(), file: "/shop/Pulumi.yml" }, "dev"), "/shop/Pulumi.dev.yml");
    assert.equal(stackConfigPath(project(), "dev", "/x/y.yaml"), "/x/y.yaml");
  });
});

describe("this project's own file", () => {
  it("is one that the engine reads", () => {
    assert.equal(loadProject("Pulumi.yaml").name, "slipway");
  });
});
