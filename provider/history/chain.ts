/** The chain that makes a journal tell of changes: each entry's hash covers the entry, and with it the hash before. Pure. */
import { createHash } from "node:crypto";
import type { Entry } from "./entry";

/** What stands before the first entry. */
export const firstHash = "0".repeat(64);

export interface Fault {
  /** The entry that is wrong, or missing. */
  sequence: number;
  message: string;
}

/** JSON with sorted keys and no spaces: equal values are equal texts. */
export function canonicalJson(value: object): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** SHA-256 of the entry without its hash. */
export function hashOf(entry: Omit<Entry, "hash">): string {
  const content = Object.fromEntries(Object.entries(entry).filter(([key]) => key !== "hash"));
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
}

/**
 * The first place in which entries, oldest first, are not the chain that was written: one edited, removed, put elsewhere or put in.
 * Entries missing at the end leave a chain that is sound; only whoever remembers the last hash can tell.
 */
export function findFault(entries: readonly Entry[]): Fault | undefined {
  let previousHash = firstHash;
  for (const [index, entry] of entries.entries()) {
    const sequence = index + 1;
    if (entry.hash !== hashOf(entry)) {
      return { sequence, message: `Entry ${entry.sequence} was edited: its hash does not fit what it says.` };
    }
    if (entry.sequence > sequence) {
      return { sequence, message: `Entry ${sequence} is missing; entry ${entry.sequence} is in its place.` };
    }
    if (entry.sequence < sequence) {
      return { sequence, message: `Entry ${entry.sequence} is where entry ${sequence} belongs.` };
    }
    if (entry.previousHash !== previousHash) {
      const before = sequence === 1 ? "the beginning" : `entry ${sequence - 1}`;
      return {
        sequence,
        message: `Entry ${sequence} does not follow ${before}: one of them was replaced after it was written.`,
      };
    }
    previousHash = entry.hash;
  }
  return undefined;
}
