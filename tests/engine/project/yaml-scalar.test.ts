import assert from "node:assert/strict";
import { resolvePlain } from "../../../engine/project/yaml-scalar";

describe("resolvePlain", () => {
  // Each of these was seen with the Pulumi CLI, but for the words before the last group.
  for (const [text, value] of [
    ["05", 5],
    ["017", 15],
    ["0o17", 15],
    ["0x1F", 31],
    ["0b11", 3],
    ["1_000", 1000],
    ["-5", -5],
    ["+5", 5],
    ["09", 9],
    ["1.50", 1.5],
    [".5", 0.5],
    ["1e3", 1000],
    ["0.00000001", 1e-8],
    ["100000000.0", 100000000],
    ["9007199254740993", 9007199254740993n],
    ["12345678901234567890", 12345678901234567890n],
    ["123456789012345678901234567890", 1.2345678901234568e29],
    ["True", true],
    ["false", false],
    ["~", null],
    ["", null],
    ["yes", "yes"],
    ["on", "on"],
    ["12:30:45", "12:30:45"],
    ["1.2.3", "1.2.3"],
    ["-", "-"],
    ["1a", "1a"],
  ] as const) {
    it(`reads ${text || "nothing"} as ${typeof value} ${String(value)}`, () => {
      assert.equal(resolvePlain(text), value);
    });
  }

  it("refuses what no configuration can hold or the CLI would rewrite", () => {
    for (const text of [".inf", "-.Inf", ".nan", "1e400"]) {
      assert.throws(
        () => resolvePlain(text),
        new Error(`${text} is no number that a configuration can hold; put it in quotes to keep the text`),
      );
    }
    for (const text of ["2024-01-02", "2024-01-02T03:04:05Z"]) {
      assert.throws(
        () => resolvePlain(text),
        new Error(`${text} is a date, which would be rewritten; put it in quotes to keep the text`),
      );
    }
  });
});
