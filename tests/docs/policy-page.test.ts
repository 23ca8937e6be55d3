import assert from "node:assert/strict";
import { clauses } from "../../docs/clauses";
import { allRules } from "../../docs/policy-page";

describe("docs/policy.md", () => {
  it("names for every clause rules that exist, or where else it is enforced, and for every rule a clause", async () => {
    const names = (await allRules()).map(({ name }) => name);
    for (const { clause, rules, elsewhere } of clauses) {
      assert.ok(rules.length > 0 || elsewhere !== undefined, clause);
      for (const rule of rules) assert.ok(names.includes(rule), `${clause}: ${rule}`);
    }
    const enforced = new Set(clauses.flatMap(({ rules }) => rules));
    assert.deepEqual(
      names.filter((name) => !enforced.has(name)),
      [],
    );
  });
});
