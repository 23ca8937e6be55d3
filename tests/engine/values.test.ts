import assert from "node:assert/strict";
import { containsUnknowns, makeSecret, UNKNOWN, unwrapSecrets, valuesEqual } from "../../engine/values";

describe("engine/values", () => {
  it("unwraps secrets at any depth", () => {
    assert.deepEqual(unwrapSecrets({ a: [makeSecret({ b: makeSecret("x") })] }), { a: [{ b: "x" }] });
  });

  it("does not wrap a secret twice", () => {
    assert.deepEqual(makeSecret(makeSecret("x")), makeSecret("x"));
  });

  it("finds an unknown inside a secret", () => {
    assert.equal(containsUnknowns({ a: makeSecret([1, UNKNOWN]) }), true);
    assert.equal(containsUnknowns({ a: makeSecret([1, "known"]) }), false);
  });

  it("compares by structure, whatever the order of keys, and tells a missing key from a null", () => {
    assert.equal(valuesEqual({ a: 1, b: [null] }, { b: [null], a: 1 }), true);
    assert.equal(valuesEqual({ a: null }, { b: null }), false);
    assert.equal(valuesEqual([1, 2], [1]), false);
  });
});
