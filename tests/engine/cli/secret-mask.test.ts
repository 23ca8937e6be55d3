import assert from "node:assert/strict";
import { SecretMask } from "../../../engine/cli/secret-mask";
import { makeSecret } from "../../../engine/values";
import { state, step } from "./display/events";

describe("secret mask", () => {
  it("replaces known secrets wherever they occur, the longest first", () => {
    const mask = new SecretMask();
    mask.add("hunter2");
    mask.add("hunter2hunter2");
    assert.equal(mask.apply("a hunter2hunter2 b hunter2."), "a [secret] b [secret].");
  });

  it("looks into JSON, and knows a text of several lines as a whole, escaped, and line by line", () => {
    const mask = new SecretMask();
    mask.add('{"deep":{"key":"first-one"},"list":["second-one"]}');
    mask.add("line one\nline two");
    assert.equal(mask.apply("first-one second-one key"), "[secret] [secret] key");
    assert.equal(mask.apply("line one\nline two"), "[secret]");
    assert.equal(mask.apply("line one\\nline two"), "[secret]");
    assert.equal(mask.apply("> line two"), "> [secret]");
  });

  it("leaves very short secrets alone: they are in every text", () => {
    const mask = new SecretMask();
    mask.add("abc");
    assert.equal(mask.apply("abcdef"), "abcdef");
  });

  it("learns the secrets of the resources that events tell of", () => {
    const mask = new SecretMask();
    const resource = state("t:i:R", "r", {
      plain: "visible",
      list: [{ password: makeSecret({ a: "from-input" }) }],
    });
    mask.see({
      kind: "resource-outputs",
      step: step("create", undefined, { ...resource, outputs: { token: makeSecret("from-output") } }),
      planning: false,
      durationMs: 1,
    });
    assert.equal(mask.apply("visible from-input from-output"), "visible [secret] [secret]");
  });

  it("takes characters that mean something in a pattern literally", () => {
    const mask = new SecretMask();
    mask.add("a.c(d)*[");
    assert.equal(mask.apply("abcd a.c(d)*["), "abcd [secret]");
  });
});
