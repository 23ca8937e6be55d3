import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { parseConfigKey, StackConfig } from "../../../engine/project/stack-config";
import type { Value } from "../../../engine/values";

describe("a stack's configuration file", () => {
  let file: string;
  beforeEach(() => {
    file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "config-")), "Pulumi.dev.yaml");
  });
  afterEach(() => fs.rmSync(path.dirname(file), { recursive: true }));

  function load(text: string): StackConfig {
    fs.writeFileSync(file, text);
    return StackConfig.load(file, "shop");
  }
  /** The text after a change. */
  function edited(text: string, change: (config: StackConfig) => void): string {
    const config = load(text);
    change(config);
    config.save();
    return fs.readFileSync(file, "utf8");
  }

  it("gives scalars as strings, all else as it is, by full keys in their order", () => {
    const config = load(`
encryptionsalt: v1:a:b
config:
  zone: 05
  aws:region: eu
  shop:none:
  quoted: "05"
  flag: True
  digits: 12345678901234567890
  large: 1e21
  anchor: &list [1, 1.50, null, yes, { "n": 2, x: { secure: v1:abc } }]
  copy: *list
  shop:config:old: 1
  text: |
    two
    lines
`);
    const list = [1, 1.5, null, "yes", { n: 2, x: { secure: "v1:abc" } }];
    assert.deepEqual(
      [...config.values()],
      [
        ["shop:zone", "5"],
        ["aws:region", "eu"],
        ["shop:none", ""],
        ["shop:quoted", "05"],
        ["shop:flag", "true"],
        ["shop:digits", "12345678901234567890"],
        ["shop:large", "1e+21"],
        ["shop:anchor", list],
        ["shop:copy", list],
        ["shop:old", "1"],
        ["shop:text", "two\nlines\n"],
      ],
    );
    assert.equal(config.encryptionSalt, "v1:a:b");
  });

  it("is empty when there is none", () => {
    const config = StackConfig.load(file, "shop");
    assert.deepEqual([config.encryptionSalt, [...config.values()]], [undefined, []]);
    assert.deepEqual([...load("# nothing\nconfig:\n").values()], []);
  });

  it("keeps comments, order and untouched values when it is changed", () => {
    const text = `# head
config:
  # about a
  a: 05 # beside a
  shop:map:
    keep: 0o17 # inside
    other: 017
    change: [1, 2] # beside
    remove: x

  last: 'quoted'
`;
    const changed = edited(text, (config) => {
      config.encryptionSalt = "v1:a:b";
      config.set("shop:a", "6");
      config.set("shop:map", { keep: 15, other: 15, change: [1, "02"], added: true });
      config.set("shop:new", { secure: "v1:abc" });
    });
    assert.equal(
      changed,
      `encryptionsalt: v1:a:b
# head
config:
  # about a
  a: "6" # beside a
  shop:map:
    keep: 0o17 # inside
    other: 017
    change: [ 1, "02" ] # beside
    added: true

  last: 'quoted'
  shop:new:
    secure: v1:abc
`,
    );
  });

  it("begins a new file with the salt, then the values, and loses a value that is deleted", () => {
    const text = edited("", (config) => {
      config.set("shop:a", "x");
      config.set("shop:b", "y");
      config.delete("shop:a");
      config.delete("shop:none");
      config.encryptionSalt = "v1:a:b";
    });
    assert.equal(text, "encryptionsalt: v1:a:b\nconfig:\n  shop:b: y\n");
    assert.equal(
      edited(text, (config) => void (config.encryptionSalt = "v1:c:d")),
      text.replace("v1:a:b", "v1:c:d"),
    );
  });

  it("reads every value that it has written, whatever it looks like", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "05",
        "1_000",
        "0b11",
        "2024-01-02",
        "~",
        "",
        ".inf",
        "yes",
        "True",
        "1e400",
        "*a",
        "# c",
        "a: b",
        " x ",
        "\n",
      ),
    );
    const { value } = fc.letrec<{ value: Value }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        text,
        fc.constant(null),
        fc.boolean(),
        fc.integer(),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(
          text.filter((key) => key !== "<<" && key !== "__proto__"),
          tie("value"),
          { maxKeys: 3, noNullPrototype: true },
        ),
      ),
    }));
    const stored = value.filter(
      (given) => typeof given === "string" || (typeof given === "object" && given !== null),
    );
    fc.assert(
      fc.property(stored, stored, (first, second) => {
        const config = load("");
        config.set("shop:a", first);
        config.save();
        const again = StackConfig.load(file, "shop");
        assert.deepEqual(again.values().get("shop:a"), first);
        again.set("shop:a", second);
        again.save();
        assert.deepEqual(StackConfig.load(file, "shop").values().get("shop:a"), second);
      }),
    );
  });

  for (const [what, text, fault] of [
    ["no map", "- a", "it must hold a map with the keys encryptionsalt and config"],
    ["a config that is no map", "config: [a]", "'config' must be a map of keys and values"],
    ["a key twice", "config: { a: 1, shop:a: 2 }", "config.shop:a: 'shop:a' is there twice"],
    [
      "a key that is no string",
      "config: { a: { 5: x } }",
      "config.a: the key 5 must be a string; put it in quotes",
    ],
    ["a merge key", "config: { a: { <<: x } }", "config.a: the key << must be a string; put it in quotes"],
    [
      "a number that loses digits inside",
      "config: { a: [12345678901234567890] }",
      "config.a[0]: 12345678901234567890 has more digits than a number keeps; put it in quotes",
    ],
    [
      "a date",
      "config: { a: 2024-01-02 }",
      "config.a: 2024-01-02 is a date, which would be rewritten; put it in quotes to keep the text",
    ],
    [
      "an environment",
      "environment: [dev]",
      "'environment': Pulumi ESC environments are not supported; use the Pulumi CLI for this stack",
    ],
    [
      "another secrets provider",
      "encryptedkey: abc",
      "'encryptedkey': secrets providers other than the passphrase one are not supported; use the Pulumi CLI for this stack",
    ],
  ] as const) {
    it(`with ${what} is refused`, () => {
      assert.throws(() => load(text), new Error(`the stack configuration ${file} is not valid: ${fault}`));
    });
  }

  it("with a mistake in its YAML is refused with the place", () => {
    assert.throws(
      () => load("config:\n  a: 'x"),
      /Pulumi\.dev\.yaml is not valid: Missing closing 'quote at line 2, column/,
    );
    assert.throws(() => load("config: { a: 1, a: 2 }"), /Map keys must be unique at line 1/);
  });
});

describe("parseConfigKey", () => {
  it("puts a bare key into the project's namespace", () => {
    assert.deepEqual(
      ["a", "aws:a", "aws:config:a"].map((key) => parseConfigKey(key, "shop")),
      ["shop:a", "aws:a", "aws:a"],
    );
  });

  it("refuses what is no key", () => {
    for (const key of ["a:b:c", "", ":a", "a:"]) {
      assert.throws(
        () => parseConfigKey(key, "shop"),
        new Error(
          `could not parse ${key} as a configuration key (configuration keys should be of the form \`<namespace>:<name>\`)`,
        ),
      );
    }
  });
});
