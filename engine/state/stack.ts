/** One stack of a backend: everything that can be done with its state. */
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { MemoryJournal } from "../deploy/memory-journal";
import type { PendingOperation, ResourceState, StateJournal } from "../model";
import type { Properties, Value } from "../values";
import { formatExport, parseExport, type StoredState } from "./checkpoint";
import { listDirectory, writeAtomically } from "./files";
import { integrityFault } from "./integrity";
import { Journal } from "./journal";
import { acquireLock, isLocked, removeLocks, type Lock } from "./lock";
import { openSecrets, type Decrypter, type PassphraseSecrets } from "./secrets";
import { deserializeResource, storedResource, type SecretForm } from "./serialize";
import { StackFiles, StackNotFoundError } from "./stack-files";

/** A stack's resources with their secrets decrypted. */
export interface Snapshot {
  resources: ResourceState[];
  pendingOperations: PendingOperation[];
}

/** One entry of a stack's history, as the CLI writes it. */
export interface UpdateRecord {
  kind: "update" | "refresh" | "destroy" | "import" | "resource-import" | "rename";
  /** Seconds since 1970. */
  startTime: number;
  message: string;
  environment: Record<string, string>;
  /** By full key, secrets encrypted. */
  config: Record<string, Value>;
  result: "succeeded" | "failed";
  /** Seconds since 1970. */
  endTime: number;
  /** Steps by operation. */
  resourceChanges: Record<string, number>;
}

export class Stack {
  private readonly files: StackFiles;

  /** @param root the folder `.pulumi` of the backend. */
  constructor(
    root: string,
    readonly project: string,
    readonly name: string,
  ) {
    this.files = new StackFiles(root, project, name);
  }

  /** `organization/<project>/<stack>`. */
  get fullName(): string {
    return this.files.fullName;
  }

  get exists(): boolean {
    return this.files.existing() !== undefined;
  }

  /** @throws Error naming who holds it. */
  lock(): Lock {
    return acquireLock(this.files.locks);
  }

  /** Takes every lock away, and folds what a killed update has left. @returns how many locks there were. */
  cancel(): number {
    const removed = removeLocks(this.files.locks);
    this.read();
    return removed;
  }

  /** `v1:<salt>:<check>` of the state's secrets; undefined when it never had any. */
  salt(): string | undefined {
    return this.read().salt;
  }

  /** @param secrets of the state's salt. @throws Error when the state is damaged or breaks a rule. */
  snapshot(secrets: Decrypter): Snapshot {
    const state = this.read();
    this.verify(state);
    return decrypted(state, secrets);
  }

  /** The packages of the stack's resources. */
  packages(): Set<string> {
    return new Set(this.exists ? this.read().resources.map(({ type }) => type.split(":")[0] ?? "") : []);
  }

  /** How many resources there are and when (ISO 8601) they were last written, for lists of stacks. */
  summary(): { resourceCount: number; lastUpdate?: string } {
    const resourceCount = this.read().resources.length;
    const file = this.files.existing();
    if (file === undefined || resourceCount === 0) return { resourceCount };
    return { resourceCount, lastUpdate: fs.statSync(file).mtime.toISOString() };
  }

  /** The outputs of the stack, secrets wrapped; {} before the first update. @param secrets else those of the environment. */
  async outputs(environment: NodeJS.ProcessEnv = process.env, secrets?: Decrypter): Promise<Properties> {
    const { resources, salt } = this.read();
    const root = resources.find(
      (resource) => resource.type === "pulumi:pulumi:Stack" && resource.delete !== true,
    );
    if (!root?.outputs) return {};
    return (
      deserializeResource(root, secrets ?? (await openSecrets({ state: salt }, environment))).outputs ?? {}
    );
  }

  /**
   * Begins to write down an update; the journal's `close` brings the state file up to date.
   * @param secrets of the stack's configuration; a state with another salt is encrypted anew with it first.
   * @throws Error when the state is damaged or breaks a rule, or the lock is gone.
   */
  async openJournal(secrets: PassphraseSecrets, lock: Lock): Promise<Journal> {
    if (!lock.held)
      throw new Error(`the lock of stack '${this.fullName}' was taken away; nothing was changed`);
    this.files.recover();
    const { state } = this.files.readState();
    this.verify(state);
    if (state.salt !== undefined && state.salt !== secrets.salt) {
      const old = await openSecrets({ state: state.salt });
      this.files.writeState(encrypted(state, decrypted(state, old), secrets));
    }
    return new Journal(this.files, this.files.readState(), secrets);
  }

  /** For a preview: nothing is written, and where there is no state nothing is read. */
  previewJournal(secrets: Decrypter): StateJournal {
    if (!this.exists) return new MemoryJournal([], []);
    const { resources, pendingOperations } = this.snapshot(secrets);
    return new MemoryJournal(resources, pendingOperations);
  }

  /** Adds an ended update to the history, with a copy of the state it led to, and to the backups. Call it after the journal's `close`. */
  recordUpdate(update: UpdateRecord): void {
    // Nanoseconds since 1970, by which the CLI sorts.
    const stamp = `${Date.now()}${String(process.hrtime.bigint() % 1_000_000n).padStart(6, "0")}`;
    const prefix = path.join(this.files.history, `${this.name}-${stamp}`);
    writeAtomically(`${prefix}.history.json`, JSON.stringify({ ...update, version: 0 }));
    fs.copyFileSync(this.files.state, `${prefix}.checkpoint.json`);
    fs.mkdirSync(this.files.backups, { recursive: true });
    fs.copyFileSync(this.files.state, path.join(this.files.backups, `${this.name}.${stamp}.json`));
  }

  /** The ended updates, newest first. */
  history(): UpdateRecord[] {
    return listDirectory(this.files.history)
      .filter((name) => name.endsWith(".history.json"))
      .reverse()
      .map(
        (name) => JSON.parse(fs.readFileSync(path.join(this.files.history, name), "utf8")) as UpdateRecord,
      );
  }

  /** Writes the state of a new stack, see `FileBackend.create`. */
  create(salt: string): void {
    this.locked(() => {
      if (this.exists) throw new Error(`stack '${this.fullName}' already exists`);
      this.files.writeState({ salt, resources: [], pendingOperations: [], rest: {} });
    });
  }

  /**
   * Removes the stack with its history; backups stay.
   * @param force also when it has resources, which are left behind.
   */
  remove(force: boolean): void {
    this.locked(() => {
      if (!force && this.files.current().resources.length > 0) {
        throw new Error(
          `'${this.name}' still has resources; removal rejected. Possible actions:\n` +
            `- Make sure that '${this.name}' is the stack that you want to destroy\n` +
            "- Run `pulumi destroy` to delete the resources, then run `pulumi stack rm`\n" +
            "- Run `pulumi stack rm --force` to override this error",
        );
      }
      const file = this.files.existing();
      if (file === undefined) throw new StackNotFoundError(this.name);
      this.setJournalAside();
      fs.renameSync(file, `${file}.bak`);
      fs.rmSync(this.files.history, { recursive: true, force: true });
    });
  }

  /** The text of `stack export`. @param showSecrets puts secrets in plain text. */
  async export(showSecrets: boolean, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
    const state = this.read();
    if (!showSecrets) return formatExport(state);
    const snapshot = decrypted(state, await openSecrets({ state: state.salt }, environment));
    return formatExport(stored(state, snapshot, (plaintext) => ({ plaintext })));
  }

  /**
   * Replaces the state by what `stack export` wrote, without its pending operations.
   * @param force also when the resources break a rule.
   * @returns the URNs whose pending operations were dropped.
   */
  async import(
    text: string,
    force: boolean,
    environment: NodeJS.ProcessEnv = process.env,
  ): Promise<string[]> {
    if (!this.exists) throw new StackNotFoundError(this.name);
    const imported = parseExport(text, this.fullName);
    const fault = integrityFault(imported.resources);
    if (fault !== undefined && !force) {
      throw new Error(
        `the deployment breaks a rule of the state: ${fault}; nothing was changed (--force imports it as it is)`,
      );
    }
    const secrets = await openSecrets({ state: imported.salt }, environment);
    const { resources } = decrypted(imported, secrets);
    this.locked(() => {
      this.setJournalAside();
      this.files.writeState(encrypted(imported, { resources, pendingOperations: [] }, secrets));
    });
    return imported.pendingOperations.map(({ resource }) => resource.urn);
  }

  private locked(action: () => void): void {
    const lock = this.lock();
    try {
      action();
    } finally {
      lock.release();
    }
  }

  /** The state with what a killed update has left, which is folded as soon as nobody holds the lock. */
  private read(): StoredState {
    if (!this.exists) throw new StackNotFoundError(this.name);
    if (fs.existsSync(this.files.journal) && !isLocked(this.files.locks))
      this.locked(() => this.files.recover());
    return this.files.current();
  }

  private verify(state: StoredState): void {
    const fault = integrityFault(state.resources);
    if (fault === undefined) return;
    throw this.files.error(`snapshot integrity failure; refusing to use it: ${fault}`, this.files.state);
  }

  /** A journal that a killed update has left must not be added to another state. */
  private setJournalAside(): void {
    if (!fs.existsSync(this.files.journal)) return;
    fs.mkdirSync(this.files.backups, { recursive: true });
    fs.renameSync(
      this.files.journal,
      path.join(this.files.backups, `${this.name}.${randomUUID()}.journal.jsonl`),
    );
  }
}

function decrypted(state: StoredState, secrets: Decrypter): Snapshot {
  return {
    resources: state.resources.map((resource) => deserializeResource(resource, secrets)),
    pendingOperations: state.pendingOperations.map(({ resource, type }) => ({
      resource: deserializeResource(resource, secrets),
      type,
    })),
  };
}

function stored(state: StoredState, snapshot: Snapshot, secret: SecretForm): StoredState {
  return {
    ...state,
    resources: snapshot.resources.map((resource) => storedResource(resource, secret)),
    pendingOperations: snapshot.pendingOperations.map(({ resource, type }) => ({
      resource: storedResource(resource, secret),
      type,
    })),
  };
}

function encrypted(state: StoredState, snapshot: Snapshot, secrets: PassphraseSecrets): StoredState {
  return {
    ...stored(state, snapshot, (plaintext) => ({ ciphertext: secrets.encrypt(plaintext) })),
    salt: secrets.salt,
  };
}
