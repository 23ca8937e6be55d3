import assert from "node:assert/strict";
import * as fc from "fast-check";
import { canonicalJson, findFault, firstHash, hashOf } from "../../../provider/history/chain";
import type { Entry } from "../../../provider/history/entry";
import { anyChain, chainOf, newEntry } from "./entries";

const versions = (...all: string[]): Entry[] => chainOf(all.map((version) => newEntry({ version })));

describe("the chain of a history", () => {
  it("begins at 64 zeros, each entry bearing the hash of the one before", () => {
    const [first, second] = versions("1.0.0", "1.1.0");
    assert.equal(first?.previousHash, firstHash);
    assert.match(first.hash, /^[0-9a-f]{64}$/);
    assert.equal(second?.previousHash, first.hash);
  });

  it("hashes what an entry says, in whatever order it says it", () => {
    const [entry] = versions("1.0.0");
    assert.ok(entry);
    const turned = Object.fromEntries(Object.entries(entry).reverse()) as Entry;
    assert.notDeepEqual(Object.keys(turned), Object.keys(entry));
    assert.equal(hashOf(turned), entry.hash);
    assert.equal(canonicalJson({ b: [{ d: 1, c: null }], a: "é" }), '{"a":"é","b":[{"c":null,"d":1}]}');
  });

  it("finds no fault in what was written", () => {
    fc.assert(fc.property(anyChain(0), (chain) => assert.equal(findFault(chain), undefined)));
  });

  it("names the entry that was edited", () => {
    const chain = versions("1.0.0", "1.1.0", "1.2.0").with(1, {
      ...versions("1.0.0", "1.1.0")[1]!,
      by: "eve",
    });
    assert.deepEqual(findFault(chain), {
      sequence: 2,
      message: "Entry 2 was edited: its hash does not fit what it says.",
    });
  });

  it("names the entry that was removed, at the beginning too", () => {
    const chain = versions("1.0.0", "1.1.0", "1.2.0");
    assert.deepEqual(findFault(chain.toSpliced(1, 1)), {
      sequence: 2,
      message: "Entry 2 is missing; entry 3 is in its place.",
    });
    assert.equal(findFault(chain.slice(2))?.message, "Entry 1 is missing; entry 3 is in its place.");
  });

  it("names entries that changed places, and one that is there twice", () => {
    const [first, second, third] = versions("1.0.0", "1.1.0", "1.2.0");
    assert.ok(first && second && third);
    assert.equal(findFault([first, third, second])?.message, "Entry 2 is missing; entry 3 is in its place.");
    assert.equal(findFault([first, second, second])?.message, "Entry 2 is where entry 3 belongs.");
  });

  it("tells of an entry that was replaced with a hash that fits, by the one after it", () => {
    const chain = versions("1.0.0", "1.1.0", "1.2.0");
    const [, forged] = versions("1.0.0", "6.6.6");
    assert.ok(forged);
    assert.deepEqual(findFault(chain.with(1, forged)), {
      sequence: 3,
      message: "Entry 3 does not follow entry 2: one of them was replaced after it was written.",
    });
    const other = chainOf([newEntry({ version: "6.6.6" })]).concat(chain.slice(1));
    assert.equal(
      findFault(other)?.message,
      "Entry 2 does not follow entry 1: one of them was replaced after it was written.",
    );
  });

  it("finds any single field that was changed in any entry", () => {
    const changes: fc.Arbitrary<(entry: Entry) => Partial<Entry>> = fc.oneof(
      fc.string().map((text) => (entry: Entry) => ({ version: `${entry.version}+${text}` })),
      fc.string().map((text) => (entry: Entry) => ({ by: entry.by + text + "!" })),
      fc.nat().map((more) => (entry: Entry) => ({ sequence: entry.sequence + 1 + more })),
      fc.nat(60_000).map((ms) => (entry: Entry) => ({
        at: new Date(Date.parse(entry.at) + ms + 1).toISOString(),
      })),
      fc.constant((entry: Entry) => ({ steps: [...entry.steps, ...entry.steps] })),
      fc.constant((entry: Entry) => ({ rollbackTarget: `${entry.rollbackTarget}0` })),
      fc.constant((entry: Entry) => ({ featureFlags: { ...entry.featureFlags, "another flag": true } })),
      fc.constant((entry: Entry) => ({ hash: entry.hash.split("").reverse().join("") + "0" })),
      fc.constant((entry: Entry) => ({ previousHash: entry.hash })),
    );
    fc.assert(
      fc.property(anyChain(1), fc.nat(), changes, (chain, pick, change) => {
        const index = pick % chain.length;
        const entry = chain[index]!;
        assert.equal(findFault(chain.with(index, { ...entry, ...change(entry) }))?.sequence, index + 1);
      }),
    );
  });

  it("finds any entry edited, hash and all, that another follows", () => {
    fc.assert(
      fc.property(anyChain(2), fc.nat(), (chain, pick) => {
        const index = pick % (chain.length - 1);
        const edited = { ...chain[index]!, by: "eve" };
        const fault = findFault(chain.with(index, { ...edited, hash: hashOf(edited) }));
        assert.equal(fault?.sequence, index + 2);
      }),
    );
  });

  it("finds any entry that is removed, moved or doubled, but for the last ones cut off", () => {
    fc.assert(
      fc.property(anyChain(2), fc.nat(), fc.nat(), (chain, from, to) => {
        const index = from % chain.length;
        const [entry] = chain.slice(index, index + 1);
        const without = chain.toSpliced(index, 1);
        if (index < chain.length - 1) assert.equal(findFault(without)?.sequence, index + 1);
        else assert.equal(findFault(without), undefined);
        const place = to % chain.length;
        if (place !== index) assert.ok(findFault(without.toSpliced(place, 0, entry!)));
        assert.ok(findFault(chain.toSpliced(to % (chain.length + 1), 0, entry!)));
      }),
    );
  });
});
