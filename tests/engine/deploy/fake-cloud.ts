/** A small cloud in memory. */
import { InitError } from "../../../engine/deploy/context";
import type { CreateResult } from "../../../engine/deploy/provider-instance";
import type {
  CheckResult,
  DiffResult,
  PackageDescriptor,
  Provider,
  ProviderHost,
  ReadResult,
  Subject,
} from "../../../engine/model";
import type { Properties, Value } from "../../../engine/values";
import { unwrapSecrets, valuesEqual } from "../../../engine/values";

const CHANGE = /^(create|update|delete|read) /;

type Subjected = Subject & { id: string };

/**
 * What a provider manages. A change of an input replaces the resource when its name begins with "fixed" (before the old one goes,
 * unless the input `dbr` is true), and updates it otherwise. Outputs are the inputs and `made`, the resource's name.
 */
export class FakeCloud implements ProviderHost {
  /** Every call, in order: "create a", "delete a-1", "configure default"; reads and diffs included. */
  readonly calls: string[] = [];
  /** What exists, by ID. */
  readonly world = new Map<string, Properties>();
  /** What a call ("create a") ends with instead. */
  readonly faults = new Map<string, () => Promise<never> | Promise<void>>();
  /** Calls that do their work and then say that the resource is not ready. */
  readonly unready = new Set<string>();
  /** What was received, by call. */
  readonly received = new Map<string, unknown[]>();
  loaded = 0;
  closed = 0;
  canceled = 0;
  /** How many creates, updates, deletes and reads ran at a time. */
  mostRunning = 0;
  private running = 0;
  private nextId = 1;

  constructor(readonly traits: Partial<Pick<Provider, "acceptSecrets" | "supportsPreview">> = {}) {}

  /** Told before something goes. */
  onDelete: (id: string) => void = () => {};

  skipIds(count: number): void {
    this.nextId += count;
  }

  async load(descriptor: PackageDescriptor): Promise<Provider> {
    if (descriptor.name !== "fake" && descriptor.name !== "other") {
      throw new Error(`no resource plugin '${descriptor.name}' found`);
    }
    this.loaded++;
    return new FakeProvider(this);
  }
  async cancelAll(): Promise<void> {
    this.canceled++;
  }
  async closeAll(): Promise<void> {}

  id(name: string): string {
    return `${name}-${this.nextId++}`;
  }

  async call(what: string, ...received: unknown[]): Promise<void> {
    this.calls.push(what);
    this.received.set(what, received);
    const changes = CHANGE.test(what) ? 1 : 0;
    this.running += changes;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      await this.faults.get(what)?.();
    } finally {
      this.running -= changes;
    }
  }

  readied(what: string, id: string, properties: Properties, inputs?: Properties): CreateResult {
    if (this.unready.has(what)) throw new InitError(id, properties, [`${what}: not ready`], inputs);
    return { id, properties };
  }

  /** The calls that are not checks, diffs or of provider configuration. */
  changes(): string[] {
    return this.calls.filter((call) => CHANGE.test(call));
  }
}

class FakeProvider implements Provider {
  readonly acceptResources = true;
  readonly acceptSecrets: boolean;
  readonly supportsPreview: boolean;

  constructor(private readonly cloud: FakeCloud) {
    this.acceptSecrets = cloud.traits.acceptSecrets ?? true;
    this.supportsPreview = cloud.traits.supportsPreview ?? true;
  }

  async checkConfig(subject: Subject, olds: Properties, news: Properties): Promise<CheckResult> {
    await this.cloud.call(`checkConfig ${subject.name}`, olds, news);
    return { inputs: news, failures: [] };
  }
  async diffConfig(subject: Subject, oldInputs: Properties, _outputs: Properties, news: Properties) {
    await this.cloud.call(`diffConfig ${subject.name}`, oldInputs, news);
    return diff(oldInputs, news);
  }
  async configure(subject: Subjected, inputs: Properties): Promise<void> {
    await this.cloud.call(`configure ${subject.name}`, inputs, subject.id);
  }
  async check(subject: Subject, olds: Properties, news: Properties): Promise<CheckResult> {
    await this.cloud.call(`check ${subject.name}`, olds, news);
    const { bad } = news;
    const failures = typeof bad === "string" ? [{ property: "bad", reason: bad }] : [];
    return { inputs: news, failures };
  }
  async diff(subject: Subjected, oldInputs: Properties, _outputs: Properties, news: Properties) {
    await this.cloud.call(`diff ${subject.name}`, oldInputs, news);
    return diff(oldInputs, news);
  }
  async create(subject: Subject, inputs: Properties, timeoutSeconds: number, preview: boolean) {
    await this.cloud.call(`create ${subject.name}`, inputs, timeoutSeconds, preview);
    if (preview) return { id: "", properties: inputs };
    const id = this.cloud.id(subject.name);
    this.cloud.world.set(id, inputs);
    return this.cloud.readied(`create ${subject.name}`, id, { ...inputs, made: subject.name });
  }
  async update(
    subject: Subjected,
    _oldInputs: Properties,
    _oldOutputs: Properties,
    news: Properties,
    timeoutSeconds: number,
    ignoreChanges: string[],
    preview: boolean,
  ) {
    await this.cloud.call(`update ${subject.name}`, news, timeoutSeconds, ignoreChanges);
    if (!preview) this.cloud.world.set(subject.id, news);
    return this.cloud.readied(`update ${subject.name}`, subject.id, { ...news, made: subject.name });
  }
  async delete(subject: Subjected, _i: Properties, _o: Properties, timeoutSeconds: number): Promise<void> {
    await this.cloud.call(`delete ${subject.id}`, timeoutSeconds);
    this.cloud.onDelete(subject.id);
    this.cloud.world.delete(subject.id);
  }
  async read(subject: Subjected, inputs?: Properties): Promise<ReadResult> {
    await this.cloud.call(`read ${subject.id}`, inputs);
    const found = this.cloud.world.get(subject.id);
    if (!found) return { id: "", properties: {} };
    return { id: subject.id, inputs: found, properties: { ...found, made: subject.name } };
  }
  async invoke(token: string, args: Properties, preview: boolean) {
    await this.cloud.call(`invoke ${token}`, args, preview);
    return { result: { echo: args }, failures: [] };
  }
  async cancel(): Promise<void> {}
  async close(): Promise<void> {
    this.cloud.closed++;
  }
}

function diff(oldInputs: Properties, news: Properties): DiffResult {
  const keys = [...new Set([...Object.keys(oldInputs), ...Object.keys(news)])];
  const plain = (value: Value | undefined): Value | undefined =>
    value === undefined ? undefined : unwrapSecrets(value);
  const diffs = keys.filter((key) => !valuesEqual(plain(oldInputs[key]), plain(news[key])));
  return {
    changes: diffs.length > 0 ? "some" : "none",
    diffs,
    replaces: diffs.filter((key) => key.startsWith("fixed")),
    deleteBeforeReplace: news["dbr"] === true,
  };
}
