import assert from "node:assert/strict";
import { unknownCheckingProxy } from "@pulumi/policy";
import { copyKnown, listOf, notKnown, objectOf, show, textOf } from "../../policy/known";
import { unknown } from "./support";

describe("reading known properties", () => {
  it("copies what is known, and stands in for what is not, at any depth", () => {
    const properties = {
      a: 1,
      gone: null,
      b: { c: [unknown, { d: unknown, e: "x" }], f: unknown },
      g: unknown,
    };
    assert.deepEqual(copyKnown(unknownCheckingProxy(properties)), {
      a: 1,
      gone: undefined,
      b: { c: [notKnown, { d: notKnown, e: "x" }], f: notKnown },
      g: notKnown,
    });
  });

  it("passes on what else goes wrong", () => {
    const broken = {
      get a(): never {
        throw new TypeError("broken");
      },
    };
    assert.throws(() => copyKnown(broken), new TypeError("broken"));
  });

  it("reads a value of another kind as an empty one", () => {
    for (const value of [undefined, null, 1, notKnown, true]) {
      assert.deepEqual([listOf(value), objectOf(value), textOf(value)], [[], {}, ""]);
    }
    assert.deepEqual([listOf({}), objectOf([1])], [[], {}]);
  });

  it("shows any value in a message", () => {
    const shown = ["a", 1, undefined, notKnown, [notKnown], { toString: 1 }].map(show);
    assert.deepEqual(shown, ['"a"', "1", "(none)", "(not known yet)", "[null]", '{"toString":1}']);
  });
});
