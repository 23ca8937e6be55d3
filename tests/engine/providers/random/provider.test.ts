import assert from "node:assert/strict";
import { compare } from "bcryptjs";
import fc from "fast-check";
import { permutations, randomText } from "../../../../engine/providers/random/generate";
import { ADJECTIVES, ADVERBS, NAMES } from "../../../../engine/providers/random/pet-words";
import { RandomProvider } from "../../../../engine/providers/random/provider";
import type { Properties, Value } from "../../../../engine/values";
import { isSecret, makeSecret, UNKNOWN, unwrapSecrets } from "../../../../engine/values";

const provider = new RandomProvider();
const subject = (name: string) => {
  const type = `random:index/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`;
  return { urn: `urn:pulumi:dev::shop::${type}::it`, type, name: "it", id: "" };
};
const failures = async (type: string, inputs: Properties) =>
  (await provider.check(subject(type), {}, inputs)).failures;
const reasons = async (type: string, inputs: Properties) =>
  (await failures(type, inputs)).map(({ reason }) => reason);
const create = (type: string, inputs: Properties, preview = false) =>
  provider.create(subject(type), inputs, 0, preview);
/** Which inputs differ, and which of them replace, from `olds` to `news`. */
async function diff(type: string, olds: Properties, news: Properties): Promise<[string[], string[]]> {
  const { properties } = await create(type, olds);
  const { changes, diffs, replaces, deleteBeforeReplace } = await provider.diff(
    subject(type),
    olds,
    properties,
    news,
  );
  assert.deepEqual([changes, deleteBeforeReplace], [diffs.length > 0 ? "some" : "none", false]);
  return [diffs, replaces];
}
const text = (value: Value | undefined): string => {
  assert.equal(typeof value, "string");
  return value as string;
};

describe("the random provider", () => {
  it("passes inputs through check as they are, unknown and secret ones too", async () => {
    const inputs = { length: UNKNOWN, keepers: makeSecret({ a: UNKNOWN }), special: makeSecret(false) };
    assert.deepEqual(await provider.check(subject("RandomPassword"), {}, inputs), {
      inputs,
      failures: [],
    });
  });

  it("names unsupported types, inputs, functions and configuration", async () => {
    await assert.rejects(
      provider.check(subject("RandomUuid4"), {}, {}),
      /^Error: 'it': resource type 'random:index\/randomUuid4:RandomUuid4' is not supported; the supported ones are RandomPassword, RandomString, RandomId, RandomPet, RandomUuid, RandomInteger, RandomShuffle, RandomBytes$/,
    );
    assert.deepEqual(await failures("RandomPet", { size: 3 }), [
      {
        property: "size",
        reason: "unknown input 'size'; the known ones are keepers, length, prefix, separator",
      },
    ]);
    await assert.rejects(
      provider.invoke("random:x:y"),
      new Error("the random provider has no function 'random:x:y'"),
    );
    const config = await provider.checkConfig(subject("RandomPet"), {}, { version: "4.21.2", region: "eu" });
    assert.deepEqual(config.failures, [
      { property: "region", reason: "the random provider has no configuration" },
    ]);
  });

  it("refuses a seed instead of drawing other values than the real provider", async () => {
    const reason = "'seed' is not supported: values cannot be drawn from a seed";
    assert.deepEqual(await reasons("RandomInteger", { min: 1, max: 2, seed: "s" }), [reason]);
    assert.deepEqual(await reasons("RandomShuffle", { inputs: [], seed: UNKNOWN }), [reason]);
  });

  it("reports missing and mistyped inputs", async () => {
    assert.deepEqual(await reasons("RandomPassword", { special: "no" }), [
      `'special' must be a boolean, but it is "no"`,
      "Missing required property 'length'",
    ]);
    assert.deepEqual(await reasons("RandomShuffle", { inputs: [1], keepers: { a: 1 }, resultCount: 1.5 }), [
      "'inputs' must be a string[], but it is [1]",
      `'keepers' must be a map of strings, but it is {"a":1}`,
      "'resultCount' must be a integer, but it is 1.5",
    ]);
  });

  it("does not show a secret input in a fault", async () => {
    const [reason = ""] = await reasons("RandomPet", { prefix: makeSecret(4711) });
    assert.equal(reason, "'prefix' must be a string, but it is [secret]");
  });

  it("replaces on every change of an input, and on none that is only a default said aloud", async () => {
    const length = 8;
    assert.deepEqual(await diff("RandomPassword", { length }, { length: 9 }), [["length"], ["length"]]);
    assert.deepEqual(await diff("RandomPassword", { length }, { length, upper: true, minLower: 0 }), [
      [],
      [],
    ]);
    assert.deepEqual(await diff("RandomPassword", { length, special: false }, { length }), [
      ["special"],
      ["special"],
    ]);
    assert.deepEqual(await diff("RandomPassword", { length }, { length, numeric: false }), [
      ["numeric", "number"],
      ["numeric", "number"],
    ]);
    assert.deepEqual(await diff("RandomPassword", { length }, { length, overrideSpecial: "" }), [
      ["overrideSpecial"],
      ["overrideSpecial"],
    ]);
    assert.deepEqual(await diff("RandomPassword", { length, overrideSpecial: "" }, { length }), [
      ["overrideSpecial"],
      [],
    ]);
    assert.deepEqual(await diff("RandomPet", {}, { separator: makeSecret("-"), length: 2 }), [[], []]);
    assert.deepEqual(await diff("RandomId", { byteLength: 2 }, { byteLength: UNKNOWN }), [
      ["byteLength"],
      ["byteLength"],
    ]);
  });

  it("replaces when a keeper changes, comes or goes, but not for an empty map of them", async () => {
    const keepers = { a: "1" };
    const replaced = [["keepers"], ["keepers"]];
    assert.deepEqual(await diff("RandomUuid", { keepers }, { keepers: { a: "2" } }), replaced);
    assert.deepEqual(await diff("RandomUuid", { keepers }, { keepers: { a: "1", b: "1" } }), replaced);
    assert.deepEqual(await diff("RandomUuid", { keepers }, {}), replaced);
    assert.deepEqual(await diff("RandomUuid", {}, { keepers }), replaced);
    assert.deepEqual(await diff("RandomUuid", {}, { keepers: {} }), [["keepers"], []]);
    assert.deepEqual(await diff("RandomUuid", { keepers }, { keepers: makeSecret(keepers) }), [[], []]);
  });

  it("previews with its defaults, what will be drawn unknown and secret", async () => {
    const { id, properties } = await create("RandomPassword", { length: UNKNOWN, minUpper: 1 }, true);
    assert.equal(id, "");
    assert.deepEqual(properties, {
      __meta: '{"schema_version":"3"}',
      length: UNKNOWN,
      upper: true,
      lower: true,
      numeric: true,
      number: true,
      special: true,
      minUpper: 1,
      minLower: 0,
      minNumeric: 0,
      minSpecial: 0,
      id: UNKNOWN,
      result: makeSecret(UNKNOWN),
      bcryptHash: makeSecret(UNKNOWN),
    });
  });

  it("keeps what was drawn on an update", async () => {
    const { id, properties } = await create("RandomUuid", {});
    const updated = await provider.update({ ...subject("RandomUuid"), id }, {}, properties, { keepers: {} });
    assert.deepEqual(updated.properties, { keepers: {}, id, result: id });
  });

  it("reads what the state says, and imports nothing", async () => {
    const uuid = { ...subject("RandomUuid"), id: "i" };
    assert.deepEqual(await provider.read(uuid, { keepers: {} }, { result: "i" }), {
      id: "i",
      inputs: { keepers: {} },
      properties: { result: "i" },
    });
    await assert.rejects(
      provider.read(uuid, undefined, undefined),
      /importing or reading random values by id is not supported/,
    );
  });

  it("tells a change of its own version from none", async () => {
    const config = (olds: Properties, news: Properties) =>
      provider.diffConfig(subject("RandomPet"), olds, {}, news);
    assert.deepEqual((await config({ version: "1" }, { version: "2" })).diffs, ["version"]);
    assert.equal((await config({ version: "1" }, { version: "1" })).changes, "none");
  });
});

describe("RandomPassword and RandomString", () => {
  const classes = { upper: /[A-Z]/g, lower: /[a-z]/g, numeric: /[0-9]/g, special: /[^A-Za-z0-9]/g };
  const switches = fc.record({
    upper: fc.boolean(),
    lower: fc.boolean(),
    numeric: fc.boolean(),
    special: fc.boolean(),
  });
  const minima = fc.record({
    minUpper: fc.nat(3),
    minLower: fc.nat(3),
    minNumeric: fc.nat(3),
    minSpecial: fc.nat(3),
  });

  it("hold the length, the minimum of each class and nothing of a class that is off", () => {
    fc.assert(
      fc.property(switches, minima, fc.nat(20), (on, least, more) => {
        fc.pre(Object.values(on).some(Boolean));
        const length = Object.values(least).reduce((sum, count) => sum + count, more);
        const result = randomText({ ...on, ...least, length });
        assert.equal(result.length, length);
        for (const [name, pattern] of Object.entries(classes) as [keyof typeof classes, RegExp][]) {
          const count = result.match(pattern)?.length ?? 0;
          const minimum = least[`min${name[0]?.toUpperCase()}${name.slice(1)}` as keyof typeof least];
          assert.ok(on[name] ? count >= minimum : count === minimum, `${name}: ${count} of ${result}`);
        }
      }),
    );
  });

  it("take special characters from overrideSpecial, whole code points", () => {
    const rules = {
      upper: false,
      lower: false,
      numeric: false,
      minUpper: 0,
      minLower: 0,
      minNumeric: 0,
      minSpecial: 0,
    };
    assert.match(
      randomText({ ...rules, special: true, length: 50, overrideSpecial: "🚂_" }),
      /^(🚂|_){50}$/u,
    );
  });

  it("give a password that only its hash knows", async () => {
    const { id, properties } = await create("RandomPassword", { length: 80, special: false });
    assert.equal(id, "none");
    assert.equal(properties["id"], "none");
    const { result, bcryptHash } = properties;
    assert.ok(isSecret(result) && isSecret(bcryptHash));
    assert.match(text(result.value), /^[A-Za-z0-9]{80}$/);
    assert.match(text(bcryptHash.value), /^\$2a\$10\$/);
    assert.equal(await compare(text(result.value), text(bcryptHash.value)), true);
  });

  it("give a string that is its own id, and open", async () => {
    const { id, properties } = await create("RandomString", { length: 5 });
    assert.equal(properties["result"], id);
    assert.equal(properties["__meta"], '{"schema_version":"2"}');
    assert.equal(id.length, 5);
  });

  it("refuse rules that contradict each other", async () => {
    const off = { upper: false, lower: false, numeric: false, special: false };
    assert.deepEqual(await reasons("RandomString", { length: 5, ...off }), [
      "Invalid Attribute Combination. At least one attribute out of [special,upper,lower,numeric] must be specified as true",
    ]);
    assert.deepEqual(await reasons("RandomString", { length: 3, minUpper: 2, minLower: 2 }), [
      "Attribute length value must be at least sum of min_upper + min_lower + min_numeric + min_special (4), got: 3",
    ]);
    assert.deepEqual(await reasons("RandomString", { length: 0 }), [
      "Attribute length value must be at least 1, got: 0",
    ]);
    assert.deepEqual(await reasons("RandomString", { length: 3, number: true, numeric: false }), [
      "Number and numeric are both configured with different values - Number is deprecated, use numeric instead",
    ]);
    assert.deepEqual(await reasons("RandomString", { length: 3, number: false }), []);
  });
});

describe("the other random resources", () => {
  it("RandomId gives the same bytes in every form, with the prefix but in the id", async () => {
    const { id, properties } = await create("RandomId", { byteLength: 3, prefix: "p-" });
    const bytes = Buffer.from(id, "base64url");
    assert.equal(bytes.length, 3);
    assert.deepEqual(properties, {
      byteLength: 3,
      prefix: "p-",
      id,
      b64Url: `p-${id}`,
      b64Std: `p-${bytes.toString("base64")}`,
      hex: `p-${bytes.toString("hex")}`,
      dec: `p-${bytes.readUIntBE(0, 3)}`,
    });
    assert.deepEqual(await reasons("RandomId", { byteLength: 0 }), [
      "Attribute byteLength value must be at least 1, got: 0",
    ]);
  });

  it("RandomPet gives adverbs, an adjective and a name", async () => {
    const { id, properties } = await create("RandomPet", { length: 4, separator: "_", prefix: "my" });
    const [prefix, first = "", second = "", third = "", name = ""] = id.split("_");
    assert.equal(prefix, "my");
    assert.ok(
      ADVERBS.includes(first) &&
        ADVERBS.includes(second) &&
        ADJECTIVES.includes(third) &&
        NAMES.includes(name),
      id,
    );
    assert.deepEqual(properties, { length: 4, separator: "_", prefix: "my", id });
    assert.ok(NAMES.includes((await create("RandomPet", { length: 1 })).id));
    assert.match((await create("RandomPet", {})).id, /^[a-z]+-[a-z]+$/);
    for (const list of [ADVERBS, ADJECTIVES, NAMES]) assert.equal(new Set(list).size, list.length);
  });

  it("RandomUuid gives 16 bytes in the form of a UUID", async () => {
    const { id, properties } = await create("RandomUuid", {});
    assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual(properties, { id, result: id });
  });

  it("RandomInteger gives numbers from min to max, both included", async () => {
    const seen = new Set<Value | undefined>();
    for (let run = 0; run < 100; run++)
      seen.add((await create("RandomInteger", { min: -1, max: 1 })).properties["result"]);
    assert.deepEqual([...seen].sort(), [-1, 0, 1]);
    assert.deepEqual((await create("RandomInteger", { min: 4, max: 4 })).properties, {
      min: 4,
      max: 4,
      id: "4",
      result: 4,
    });
    assert.deepEqual(await failures("RandomInteger", { min: 2, max: 1 }), [
      { property: "min", reason: "the minimum 2 is greater than the maximum 1" },
    ]);
    assert.deepEqual(await reasons("RandomInteger", { min: 0, max: 2 ** 48 }), [
      "the range from min to max must be smaller than 2^48",
    ]);
  });

  it("RandomShuffle gives whole permutations, the last cut short", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 6 }), fc.nat(20), (list, count) => {
        const results = permutations(list, count);
        assert.equal(results.length, list.length === 0 ? 0 : count);
        for (let at = 0; at + list.length <= results.length && list.length > 0; at += list.length) {
          assert.deepEqual(results.slice(at, at + list.length).sort(), [...list].sort());
        }
      }),
    );
  });

  it("RandomShuffle keeps its count unset when none is given", async () => {
    const { id, properties } = await create("RandomShuffle", { inputs: ["a"] });
    assert.deepEqual([id, properties], ["-", { inputs: ["a"], id: "-", results: ["a"] }]);
    assert.deepEqual(
      (await create("RandomShuffle", { inputs: ["a"], resultCount: 3 })).properties["results"],
      ["a", "a", "a"],
    );
  });

  it("RandomBytes gives secret bytes, and no id that tells them", async () => {
    const { id, properties } = await create("RandomBytes", { length: 4 });
    assert.ok(isSecret(properties["base64"]) && isSecret(properties["hex"]));
    const { base64, hex } = unwrapSecrets(properties);
    assert.equal(Buffer.from(text(base64), "base64").toString("hex"), hex);
    assert.equal(text(hex).length, 8);
    assert.deepEqual([id, properties["id"]], ["none", "none"]);
  });
});
