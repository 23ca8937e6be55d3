/** The journal of a stack: a file of one entry a line, oldest first, to which entries are only ever added. */
import { open, readFile, mkdir, truncate } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { redact } from "../redact";
import type { Fault } from "./chain";
import { canonicalJson, findFault, firstHash, hashOf } from "./chain";
import type { Entry, NewEntry } from "./entry";
import { entrySchema } from "./entry";
import { withLock } from "./lock";

export interface Journal {
  /** Oldest first; lines that are no entries are left out. */
  entries: Entry[];
  /** The first sign that somebody changed the journal. */
  fault?: Fault;
  /** What is there of a last line that was not written to its end: a crash, or an entry that is being written. */
  torn?: string;
}

/**
 * Adds an entry to the journal, on the disk when this resolves; makes the file, readable by its owner only, and its folders.
 * One writer at a time, whichever process it is in. Who: SLIPWAY_ACTOR, else the OS user. Why: SLIPWAY_REASON, else "".
 *
 * A journal that somebody changed takes the entry all the same: readers tell the fault for ever. A line that a crash cut off is kept
 * in `<file>.torn`.
 */
export async function append(file: string, entry: NewEntry): Promise<Entry> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return withLock(file, async () => {
    const bytes = await bytesOf(file);
    const { entries, lines, torn } = parse(bytes.toString());
    if (torn !== undefined) {
      await write(tornFile(file), `${torn}\n`);
      await truncate(file, bytes.lastIndexOf("\n") + 1);
    }
    const last = entries.at(-1);
    const added = place(entry, {
      // A changed line that is no entry any more still counts: its number stays missing.
      sequence: (last?.sequence ?? 0) + 1 + lines.length - 1 - lines.findLastIndex(Boolean),
      previousHash: last?.hash ?? firstHash,
    });
    await write(file, `${canonicalJson(added)}\n`);
    return added;
  });
}

/** The journal's entries, oldest first, as far as they can be read; none when there is no journal yet. */
export async function readHistory(file: string): Promise<Entry[]> {
  return (await readJournal(file)).entries;
}

/** The journal and what is wrong with it. */
export async function readJournal(file: string): Promise<Journal> {
  const { entries, lines, torn } = parse((await bytesOf(file)).toString());
  const changed = lines.indexOf(undefined) + 1;
  const fault =
    changed > 0
      ? { sequence: changed, message: `Line ${changed} was edited: it is no entry any more.` }
      : findFault(entries);
  return { entries, ...(fault === undefined ? {} : { fault }), ...(torn === undefined ? {} : { torn }) };
}

/** Where the lines go that a crash cut off. */
export function tornFile(file: string): string {
  return `${file}.torn`;
}

interface Parsed {
  entries: Entry[];
  /** Every complete line; undefined for one that is no entry. */
  lines: (Entry | undefined)[];
  torn?: string;
}

function parse(text: string): Parsed {
  const rows = text.split("\n");
  const torn = rows.pop();
  const lines = rows.map(parseLine);
  const entries = lines.filter((entry) => entry !== undefined);
  return { entries, lines, ...(torn === undefined || torn === "" ? {} : { torn }) };
}

/** Only the very text that `append` writes is an entry. */
function parseLine(line: string): Entry | undefined {
  try {
    const entry = entrySchema.parse(JSON.parse(line));
    return canonicalJson(entry) === line ? entry : undefined;
  } catch {
    return undefined;
  }
}

function place(entry: NewEntry, at: Pick<Entry, "sequence" | "previousHash">): Entry {
  const { SLIPWAY_REASON: reason = "" } = process.env;
  const placed = {
    ...entry,
    ...(entry.fault === undefined ? {} : { fault: redact(entry.fault) }),
    ...at,
    at: new Date().toISOString(),
    by: actor(),
    reason: redact(reason),
  };
  // By way of JSON: what cannot be read back must not be written.
  return entrySchema.parse(JSON.parse(canonicalJson({ ...placed, hash: hashOf(placed) })));
}

function actor(): string {
  const { SLIPWAY_ACTOR: named } = process.env;
  if (named !== undefined && named !== "") return named;
  try {
    return userInfo().username;
  } catch {
    // A user without a name, as containers have them.
    return `uid ${process.getuid?.()}`;
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw new Error(`The history cannot be read: ${(error as Error).message}`);
  }
}

async function write(file: string, text: string): Promise<void> {
  const handle = await open(file, "a", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
