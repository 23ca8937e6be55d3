import assert from "node:assert/strict";
import { differences as stated, named } from "../../docs/parity";
import { ownValues, defaults } from "./config-values";
import { differences } from "./differences";
import { trackedPlan } from "./plan";

/** Every leaf of an object, by its path. */
function leaves(value: unknown, path = ""): [string, string][] {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, each]) => leaves(each, path === "" ? key : `${path}.${key}`))
    : [[path, JSON.stringify(value)]];
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

describe("parity of staging and production", function () {
  this.timeout(180_000);

  it("has a stated reason for every setting that differs, and no reason for one that does not", () => {
    const places = JSON.parse(defaults["environments"] ?? "{}") as Record<string, unknown>;
    const settings = (environment: "production" | "staging") =>
      new Map([
        ...leaves(places[environment], "environments"),
        ...Object.entries(ownValues(environment)).flatMap(([key, text]) => leaves(parsed(text), key)),
      ]);
    const [staging, production] = [settings("staging"), settings("production")];
    const differing = [...production.keys()].filter((key) => staging.get(key) !== production.get(key));
    assert.deepEqual(stated.map(({ setting }) => setting).sort(), differing.sort());
  });

  it("has no difference in any resource that does not follow from one of them", async () => {
    const lines = differences(await trackedPlan("staging"), await trackedPlan("production"));
    const explained = (line: string) => named.test(line) || stated.some(({ shows }) => shows?.test(line));
    assert.deepEqual(
      lines.filter((line) => !explained(line)),
      [],
    );
    for (const { setting, shows } of stated) {
      if (shows !== undefined)
        assert.ok(
          lines.some((line) => shows.test(line)),
          `${setting} shows nowhere`,
        );
    }
  });

  it("sees a difference that nobody stated", () => {
    const database = { type: "aws:rds/instance:Instance", name: "backbone-postgres" };
    const lines = differences(
      [{ ...database, inputs: { storageEncrypted: true } }],
      [{ ...database, inputs: { storageEncrypted: false } }],
    );
    assert.deepEqual(lines, ["backbone-postgres aws:rds/instance:Instance storageEncrypted: true → false"]);
    assert.equal(
      stated.some(({ shows }) => shows?.test(lines[0] ?? "")),
      false,
    );
  });
});
