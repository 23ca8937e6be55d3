/**
 * The journal of an update: what it did to the state file's list of resources since the file was written, one JSON line an
 * entry, so that a step costs the same however many resources there are. Pure: files are `stack-files.ts`'s.
 */
import { z } from "zod";
import { applyAliases } from "../deploy/renames";
import type { StoredState } from "./checkpoint";
import type { StoredResource } from "./serialize";

/**
 * A list in the order in which the state file has it: what was put during this update, in order of completion, then what is
 * left of the base. So everything follows what it depends on. Items are told apart by number: the base's are 0, 1, …
 */
export class Ordered<T> {
  private readonly done = new Map<number, T>();
  private readonly base: Map<number, T>;
  private next: number;

  constructor(base: readonly T[]) {
    this.base = new Map(base.entries());
    this.next = base.length;
  }

  /** Adds an item at the end of what is done; returns its number. */
  put(item: T): number {
    this.done.set(this.next, item);
    return this.next++;
  }

  get(number: number): T {
    const item = this.done.get(number) ?? this.base.get(number);
    if (item === undefined) throw new Error(`the list has no item ${number}`);
    return item;
  }

  /** Changes an item where it is. */
  set(number: number, item: T): void {
    this.get(number);
    (this.done.has(number) ? this.done : this.base).set(number, item);
  }

  /** Returns what was there. */
  remove(number: number): T {
    const item = this.get(number);
    if (!this.done.delete(number)) this.base.delete(number);
    return item;
  }

  list(): T[] {
    return [...this.done.values(), ...this.base.values()];
  }
}

const number = z.int().nonnegative();
const stored = z.custom<StoredResource>(
  (value) => typeof value === "object" && value !== null && "urn" in value,
);
const entry = z.union([
  /** An operation on a resource of the list (`of`) or on another. */
  z.object({
    begin: number,
    type: z.enum(["creating", "updating", "deleting", "reading", "importing"]),
    of: z.union([number, stored]),
  }),
  z.object({ abandon: number }),
  z.object({ put: stored, replaces: number.optional(), token: number.optional() }),
  /** What `keep` was takes its own place anew, unchanged. */
  z.object({ keep: number, token: number.optional() }),
  z.object({ drop: number, token: number.optional() }),
  z.object({ touch: number, resource: stored }),
]);
export type Entry = z.infer<typeof entry>;

const header = z.object({
  journal: z.literal(1),
  /** SHA-256 of the state file that the entries are to be applied to. */
  base: z.string(),
  /** Of the secrets in the entries, and from now on of the state. */
  salt: z.string(),
});

/** The last line: the state file that the journal was folded into has this SHA-256. */
const fold = z.object({ fold: z.string() });

/** The content of a state file as the entries change it, one by one. */
export class Replay {
  private readonly resources: Ordered<StoredResource>;
  private readonly pending = new Map<number, StoredState["pendingOperations"][number]>();

  constructor(private readonly base: StoredState) {
    this.resources = new Ordered(base.resources);
    // Whether what was being created exists only the user can tell: such operations stay until an import clears them.
    const creating = base.pendingOperations.filter(({ type }) => type === "creating");
    for (const [index, operation] of creating.entries()) this.pending.set(-1 - index, operation);
  }

  apply(entry: Entry): void {
    if ("begin" in entry) {
      const resource = typeof entry.of === "number" ? this.resources.get(entry.of) : entry.of;
      this.pending.set(entry.begin, { resource, type: entry.type });
    } else if ("abandon" in entry) this.pending.delete(entry.abandon);
    else if ("touch" in entry) this.resources.set(entry.touch, entry.resource);
    else {
      if (entry.token !== undefined) this.pending.delete(entry.token);
      if ("drop" in entry) this.resources.remove(entry.drop);
      else if ("keep" in entry) this.resources.put(this.resources.remove(entry.keep));
      else {
        if (entry.replaces !== undefined) this.resources.remove(entry.replaces);
        this.resources.put(entry.put);
      }
    }
  }

  result(salt: string): StoredState {
    const resources = applyAliases(this.resources.list());
    return { salt, resources, pendingOperations: [...this.pending.values()], rest: this.base.rest };
  }
}

export interface ParsedJournal {
  header: z.infer<typeof header>;
  entries: Entry[];
  fold?: string;
}

/**
 * Reads a journal. A last line without its line feed was being written when the process died: it does not count.
 * @returns undefined when not even the header is whole.
 * @throws Error when a whole line is not an entry.
 */
export function parseJournal(text: string): ParsedJournal | undefined {
  const [first, ...lines] = text.split("\n").slice(0, -1);
  if (first === undefined) return undefined;
  const last = lines.at(-1)?.startsWith('{"fold":')
    ? parseLine(fold, lines.pop() ?? "", lines.length + 2)
    : {};
  const entries = lines.map((line, index) => parseLine(entry, line, index + 2));
  return { header: parseLine(header, first, 1), entries, ...last };
}

function parseLine<T>(schema: z.ZodType<T>, line: string, lineNumber: number): T {
  try {
    return schema.parse(JSON.parse(line));
  } catch (error) {
    throw new Error(`line ${lineNumber} is not an entry of a journal`, { cause: error });
  }
}
