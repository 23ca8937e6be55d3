/** The files of one stack in the layout of the CLI's file backend, and how its state is read, replayed and replaced. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { formatCheckpoint, parseCheckpoint, type StoredState } from "./checkpoint";
import { writeAtomically } from "./files";
import { parseJournal, Replay, type ParsedJournal } from "./journal-log";

/** A state file as read, with the SHA-256 of its bytes. */
export interface StateFile {
  state: StoredState;
  hash: string;
}

/** Exit code 6. */
export class StackNotFoundError extends Error {
  constructor(name: string) {
    super(`no stack named '${name}' found`);
    this.name = "StackNotFoundError";
  }
}

export class StackFiles {
  /** `organization/<project>/<stack>`: a file backend has no other organization. */
  readonly fullName: string;
  readonly state: string;
  readonly journal: string;
  readonly history: string;
  readonly backups: string;
  readonly locks: string;
  private lastRead: StateFile | undefined;

  constructor(
    root: string,
    project: string,
    private readonly name: string,
  ) {
    this.fullName = `organization/${project}/${name}`;
    this.state = path.join(root, "stacks", project, `${name}.json`);
    this.journal = path.join(root, "stacks", project, `${name}.journal.jsonl`);
    this.history = path.join(root, "history", project, name);
    this.backups = path.join(root, "backups", project, name);
    this.locks = path.join(root, "locks", "organization", project, name);
  }

  /** The state file there is, compressed or not: the newest when there are several. Undefined when there is none. */
  existing(): string | undefined {
    const modified = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1;
    const [newest] = ["", ".gz", ".zst"]
      .map((compression) => this.state + compression)
      .filter((file) => modified(file) >= 0)
      .sort((a, b) => modified(b) - modified(a));
    if (newest?.endsWith(".zst"))
      throw this.error("it is compressed with zstd, which is not supported", newest);
    return newest;
  }

  /** @throws Error naming the file, what is wrong with it and where earlier states are. */
  readState(): StateFile {
    const file = this.existing();
    if (file === undefined) throw new StackNotFoundError(this.name);
    const bytes = fs.readFileSync(file);
    const hash = sha256(bytes);
    if (this.lastRead?.hash === hash) return this.lastRead;
    try {
      const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
      this.lastRead = { state: parseCheckpoint(text, this.fullName), hash };
      return this.lastRead;
    } catch (error) {
      throw this.error((error as Error).message, file);
    }
  }

  /** The state as of now, for whoever does not hold the lock: an update may be running. */
  current(): StoredState {
    // Between the two reads an update may fold its journal: then they do not match, and a second look does.
    for (let attempt = 1; ; attempt++) {
      const journal = this.readJournal();
      const file = this.readState();
      try {
        return this.replayed(file, journal) ?? file.state;
      } catch (error) {
        if (attempt === 2) throw error;
      }
    }
  }

  /** Replaces the state file, keeping the one before as `.bak`. @param prepared is told the new file's SHA-256 first. */
  writeState(state: StoredState, prepared: (hash: string) => void = () => {}): void {
    const text = formatCheckpoint(state, this.fullName);
    const old = this.existing();
    if (old !== undefined) fs.copyFileSync(old, `${old}.bak`);
    prepared(sha256(text));
    writeAtomically(this.state, text);
    if (old !== undefined && old !== this.state) fs.rmSync(old);
  }

  /** Writes the state that the journal has led to, and ends it. After a kill at any point `recover` carries on. */
  fold(state: StoredState): void {
    this.writeState(state, (hash) => fs.appendFileSync(this.journal, JSON.stringify({ fold: hash }) + "\n"));
    fs.rmSync(this.journal);
  }

  /** Folds what an update that did not end has left. Only for the holder of the lock. */
  recover(): void {
    if (!fs.existsSync(this.journal)) return;
    const state = this.replayed(this.readState(), this.readJournal());
    if (!state) return fs.rmSync(this.journal);
    // It may end in half a line, after which nothing can be appended.
    fs.truncateSync(this.journal, fs.readFileSync(this.journal).lastIndexOf("\n") + 1);
    this.fold(state);
  }

  error(fault: string, file: string): Error {
    return new Error(
      [
        `the state of stack '${this.fullName}' cannot be used: ${file}: ${fault}`,
        "Nothing was changed. Earlier states, each of which can take the place of the state file:",
        `  ${this.state}.bak`,
        `  ${this.history}/*.checkpoint.json`,
        `  ${this.backups}/*.json`,
      ].join("\n"),
    );
  }

  private readJournal(): ParsedJournal | undefined {
    if (!fs.existsSync(this.journal)) return undefined;
    try {
      return parseJournal(fs.readFileSync(this.journal, "utf8"));
    } catch (error) {
      throw this.error((error as Error).message, this.journal);
    }
  }

  /**
   * The state with what a journal adds; undefined when it adds nothing.
   * @throws Error when the state file was written by another program since the journal was begun.
   */
  private replayed({ state, hash }: StateFile, journal: ParsedJournal | undefined): StoredState | undefined {
    if (!journal || journal.fold === hash || journal.entries.length === 0) return undefined;
    if (journal.header.base !== hash) {
      throw this.error(
        `it was written by another program since an update of this one was interrupted, so that the ${journal.entries.length} steps in ` +
          `${this.journal} cannot be added; move that journal away to go on with the state file as it is`,
        this.state,
      );
    }
    const replay = new Replay(state);
    for (const entry of journal.entries) replay.apply(entry);
    return replay.result(journal.header.salt);
  }
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
