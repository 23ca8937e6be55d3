import fs from "node:fs";
import { applyAliases } from "../deploy/renames";
import type {
  OperationToken,
  PendingOperation,
  PendingOperationType,
  ResourceState,
  StateJournal,
} from "../model";
import { valuesEqual, type Value } from "../values";
import { integrityFault } from "./integrity";
import { Ordered, Replay, type Entry } from "./journal-log";
import type { Crypter } from "./secrets";
import { deserializeResource, storedResource, type StoredResource } from "./serialize";
import type { StackFiles, StateFile } from "./stack-files";

/**
 * An update's hold on a stack's resources. Each change is one line, written at once, of a journal next to the state file: safe against
 * the death of this process at any moment. (Against a power cut only the state file is: it is synchronised when `close` writes it.)
 */
export class Journal implements StateJournal {
  readonly base: readonly ResourceState[];
  readonly pendingOperations: readonly PendingOperation[];
  private readonly list: Ordered<ResourceState>;
  private readonly numbers = new Map<ResourceState, number>();
  private tokens: OperationToken = 0;
  /** The same list as the file will have it. */
  private readonly replay: Replay;
  /** By URN: the ciphertext of each secret it holds (JSON text), so that an unchanged one is not encrypted again. */
  private readonly ciphertexts = new Map<string, Map<string, string>>();
  private readonly descriptor: number;
  private size = 0;

  /** @param file as read; its salt, if any, is that of `secrets`. */
  constructor(
    private readonly files: StackFiles,
    { state, hash }: StateFile,
    private readonly secrets: Crypter & { readonly salt: string },
  ) {
    const open = (stored: StoredResource) =>
      deserializeResource(stored, secrets, (plaintext, ciphertext) =>
        this.learn(stored.urn, plaintext, ciphertext),
      );
    this.base = state.resources.map(open);
    this.pendingOperations = state.pendingOperations.map(({ resource, type }) => ({
      resource: open(resource),
      type,
    }));
    this.list = new Ordered(this.base);
    for (const [number, resource] of this.base.entries()) this.numbers.set(resource, number);
    this.replay = new Replay(state);
    this.descriptor = fs.openSync(files.journal, "ax", 0o600);
    this.append({ journal: 1, base: hash, salt: secrets.salt });
  }

  begin(type: PendingOperationType, resource: ResourceState): OperationToken {
    const token = this.tokens++;
    this.write({ begin: token, type, of: this.numbers.get(resource) ?? this.stored(resource) });
    return token;
  }

  abandon(token: OperationToken): void {
    this.write({ abandon: token });
  }

  put(resource: ResourceState, replaces?: ResourceState, token?: OperationToken): void {
    if (resource !== replaces && this.numbers.has(resource))
      throw new Error(`${resource.urn} is in the state already`);
    const ended = token === undefined ? {} : { token };
    const old = replaces && this.numberOf(replaces);
    if (
      resource !== replaces &&
      old !== undefined &&
      valuesEqual(resource as unknown as Value, replaces as unknown as Value)
    ) {
      this.write({ keep: old, ...ended });
    } else {
      this.write({ put: this.stored(resource), ...(old === undefined ? {} : { replaces: old }), ...ended });
    }
    if (replaces && old !== undefined) this.forget(replaces, old);
    this.numbers.set(resource, this.list.put(resource));
  }

  drop(resource: ResourceState, token?: OperationToken): void {
    const number = this.numberOf(resource);
    this.write({ drop: number, ...(token === undefined ? {} : { token }) });
    this.forget(resource, number);
  }

  touch(resource: ResourceState): void {
    this.write({ touch: this.numberOf(resource), resource: this.stored(resource) });
  }

  resources(): ResourceState[] {
    return applyAliases(this.list.list());
  }

  async close(): Promise<void> {
    this.checkOwnership();
    fs.closeSync(this.descriptor);
    const state = this.replay.result(this.secrets.salt);
    this.files.fold(state);
    const fault = integrityFault(state.resources);
    if (fault === undefined) return;
    const { state: file } = this.files;
    throw new Error(
      `${file}: snapshot integrity failure; it was already written, but is invalid (backup available at ${file}.bak): ${fault}`,
    );
  }

  private write(entry: Entry): void {
    this.append(entry);
    this.replay.apply(entry);
  }

  /** Someone who took the lock away may have folded the journal, or begun another: then nothing more may be written. */
  private checkOwnership(): void {
    const { ino } = fs.fstatSync(this.descriptor);
    if (fs.statSync(this.files.journal, { throwIfNoEntry: false })?.ino === ino) return;
    throw new Error(
      `the update of stack '${this.files.fullName}' was cancelled by another process, which has taken over its state`,
    );
  }

  private append(line: object): void {
    this.checkOwnership();
    const text = JSON.stringify(line) + "\n";
    try {
      fs.writeFileSync(this.descriptor, text);
    } catch (error) {
      // Half a line must not be left in front of the next one.
      fs.ftruncateSync(this.descriptor, this.size);
      throw new Error(`cannot write the journal ${this.files.journal}: ${(error as Error).message}`, {
        cause: error,
      });
    }
    this.size += Buffer.byteLength(text);
  }

  private stored(resource: ResourceState): StoredResource {
    return storedResource(resource, (plaintext) => {
      const ciphertext =
        this.ciphertexts.get(resource.urn)?.get(plaintext) ?? this.secrets.encrypt(plaintext);
      this.learn(resource.urn, plaintext, ciphertext);
      return { ciphertext };
    });
  }

  private learn(urn: string, plaintext: string, ciphertext: string): void {
    const known = this.ciphertexts.get(urn) ?? new Map<string, string>();
    this.ciphertexts.set(urn, known.set(plaintext, ciphertext));
  }

  private numberOf(resource: ResourceState): number {
    const number = this.numbers.get(resource);
    if (number === undefined) throw new Error(`${resource.urn} is not in the state`);
    return number;
  }

  private forget(resource: ResourceState, number: number): void {
    this.list.remove(number);
    this.numbers.delete(resource);
  }
}
