import assert from "node:assert/strict";
import {
  applyReplaceOnChanges,
  invertDiff,
  isReplacement,
  propertiesEqual,
  settleDiff,
  someChange,
} from "../../../engine/deploy/diff";
import { ARCHIVE, ASSET, makeSecret, SIG } from "../../../engine/values";

const asset = (hash: string, fields: object = {}) => ({ [SIG]: ASSET, hash, ...fields });
const unknown = { ...someChange(), changes: "unknown" } as const;

describe("properties", () => {
  it("are equal whatever the order of their keys, and different where anything is", () => {
    assert.equal(propertiesEqual({ a: 1, b: [null, "x"] }, { b: [null, "x"], a: 1 }), true);
    assert.equal(propertiesEqual({ a: [1] }, { a: [1, 2] }), false);
    assert.equal(propertiesEqual({ a: null }, {}), false);
    assert.equal(propertiesEqual({ a: makeSecret(1) }, { a: 1 }), false);
  });

  it("that are assets are equal when their content is", () => {
    assert.equal(propertiesEqual({ a: asset("1", { path: "x" }) }, { a: asset("1") }), true);
    assert.equal(propertiesEqual({ a: asset("1") }, { a: asset("2") }), false);
    assert.equal(propertiesEqual({ a: asset("1") }, { a: { [SIG]: ARCHIVE, hash: "2" } }), false);
  });
});

describe("diffs", () => {
  it("that a provider knows stay as they are", () => {
    const diff = someChange(["a"]);
    assert.equal(settleDiff(diff, {}, { b: 1 }, []), diff);
  });

  it("that it does not know leave out what is ignored", () => {
    assert.equal(settleDiff(unknown, { a: 1, b: 1 }, { a: 2, b: 1 }, ["a"]).changes, "none");
    assert.deepEqual(settleDiff(unknown, { a: 1, b: 1 }, { a: 2, b: 2 }, ["a"]).diffs, ["b"]);
  });

  it("are replacements when a property says so, or an entry of the detailed diff", () => {
    assert.equal(isReplacement(someChange()), false);
    assert.equal(isReplacement(someChange(["a"])), true);
    const detailedDiff = { a: { kind: "delete-replace", inputDiff: true } } as const;
    assert.equal(isReplacement({ ...someChange(), detailedDiff }), true);
  });

  it("become replacements below the paths of replaceOnChanges", () => {
    const diff = {
      ...someChange(),
      diffs: ["a", "b"],
      detailedDiff: {
        "a[0].x": { kind: "add", inputDiff: true },
        b: { kind: "update", inputDiff: false },
      },
    } as const;
    const made = applyReplaceOnChanges({ ...diff, diffs: ["a", "b"] }, ["a[*]"], false);
    assert.deepEqual(made.detailedDiff, {
      "a[0].x": { kind: "add-replace", inputDiff: true },
      b: { kind: "update", inputDiff: false },
    });
    assert.deepEqual(made.replaces, []);
    assert.deepEqual(applyReplaceOnChanges({ ...diff, diffs: ["a", "b"] }, ["a"], false).replaces, ["a"]);
    assert.throws(
      () => applyReplaceOnChanges({ ...diff, diffs: [] }, ["a["], false),
      /"a\[" is not a property path/,
    );
  });

  it("are turned around", () => {
    const detailedDiff = {
      a: { kind: "add", inputDiff: true },
      b: { kind: "delete-replace", inputDiff: false },
      c: { kind: "update", inputDiff: true },
    } as const;
    assert.deepEqual(invertDiff({ ...someChange(), detailedDiff }).detailedDiff, {
      a: { kind: "delete", inputDiff: true },
      b: { kind: "add-replace", inputDiff: false },
      c: { kind: "update", inputDiff: true },
    });
  });
});
