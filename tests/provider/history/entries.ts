/** Entries for tests of the history. */
import * as fc from "fast-check";
import { canonicalJson, firstHash, hashOf } from "../../../provider/history/chain";
import type { Entry, NewEntry } from "../../../provider/history/entry";

export const newEntry = (changes: Partial<NewEntry> = {}): NewEntry => ({
  ...{ action: "deploy", environment: "local", service: "sample", version: "1.1.0", from: "1.0.0" },
  ...{ commit: "a".repeat(40), strategy: "canary", rollbackTarget: "1.0.0" },
  steps: [
    {
      ...{ weightPercent: 25, seconds: 10, verdict: "passed" },
      target: { requests: 100, errors: 1, p95Milliseconds: 12.5 },
      stable: { requests: 300, errors: 0, p95Milliseconds: 11 },
    },
  ],
  ...changes,
});

/** A chain of these entries, as a journal has it. */
export function chainOf(entries: readonly NewEntry[]): Entry[] {
  let previousHash = firstHash;
  return entries.map((entry, index) => {
    const at = new Date(Date.UTC(2026, 0, 1, 12, index)).toISOString();
    const placed = { ...entry, sequence: index + 1, at, by: "ann", reason: "", previousHash };
    previousHash = hashOf(placed);
    return { ...placed, hash: previousHash };
  });
}

export const linesOf = (entries: readonly Entry[]): string =>
  entries.map((entry) => `${canonicalJson(entry)}\n`).join("");

export const anyNewEntry: fc.Arbitrary<NewEntry> = fc
  .record({
    action: fc.constantFrom("deploy" as const, "rollback" as const, "abort" as const),
    version: fc.string(),
    fault: fc.string({ unit: "binary" }),
    featureFlags: fc.dictionary(fc.string(), fc.boolean(), { maxKeys: 3, noNullPrototype: true }),
  })
  .map(newEntry);

export const anyChain = (least: number): fc.Arbitrary<Entry[]> =>
  fc.array(anyNewEntry, { minLength: least, maxLength: 6 }).map(chainOf);
