/** How the engine speaks to a provider: the rules that hold for every provider, whatever it can do itself. */
import type { CheckResult, DiffResult, Provider, ReadResult, Subject, Urn } from "../model";
import type { Properties } from "../values";
import { containsSecrets, makeSecret } from "../values";
import type { InvokeResult } from "./context";
import { InitError } from "./context";
import { settleDiff, someChange } from "./diff";
import { bare, markLikeInputs } from "./secrets";
import { nameOf, typeOf } from "./urn";

export type ResourceSubject = Subject & { id: string };

export const subjectOf = (urn: Urn): Subject => ({ urn, type: typeOf(urn), name: nameOf(urn) });

export interface CreateResult {
  id: string;
  properties: Properties;
  refreshBeforeUpdate?: boolean;
}
export type UpdateResult = Omit<CreateResult, "id">;

/** What steps do with a resource: by its provider, or by the engine for resources that are providers. */
export interface ResourceOperations {
  check(subject: Subject, olds: Properties, news: Properties, randomSeed: Buffer): Promise<CheckResult>;
  /** Never answers "unknown". */
  diff(
    subject: ResourceSubject,
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    ignoreChanges: string[],
  ): Promise<DiffResult>;
  create(subject: Subject, inputs: Properties, timeoutSeconds: number): Promise<CreateResult>;
  update(
    subject: ResourceSubject,
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    timeoutSeconds: number,
    ignoreChanges: string[],
  ): Promise<UpdateResult>;
  delete(
    subject: ResourceSubject,
    oldInputs: Properties,
    oldOutputs: Properties,
    timeoutSeconds: number,
  ): Promise<void>;
  read(subject: ResourceSubject, inputs?: Properties, state?: Properties): Promise<ReadResult>;
}

/**
 * A started provider. In a preview its configuration may hold unknowns: then it is not configured, and never asked
 * (`configured` false); what it would answer is unknown.
 */
export class ProviderInstance implements ResourceOperations {
  constructor(
    readonly provider: Provider,
    private readonly configured: boolean,
    private readonly preview: boolean,
    private readonly warn: (message: string, urn: Urn) => void,
  ) {}

  async check(
    subject: Subject,
    olds: Properties,
    news: Properties,
    randomSeed: Buffer,
  ): Promise<CheckResult> {
    if (!this.configured) return { inputs: news, failures: [] };
    const result = await this.provider.check(subject, this.sent(olds), this.sent(news), randomSeed);
    return { ...result, inputs: this.received(result.inputs, news) };
  }

  async diff(
    subject: ResourceSubject,
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    ignoreChanges: string[],
  ): Promise<DiffResult> {
    if (!this.configured) {
      this.warn(
        "The provider for this resource has inputs that are not known during preview.\n" +
          "This preview may not correctly represent the changes that will be applied during an update.",
        subject.urn,
      );
      return someChange();
    }
    const [inputs, outputs] = [this.sent(oldInputs), this.sent(oldOutputs)];
    const diff = await this.provider.diff(subject, inputs, outputs, this.sent(news), ignoreChanges);
    return settleDiff(diff, oldInputs, news, ignoreChanges);
  }

  async create(subject: Subject, inputs: Properties, timeoutSeconds: number): Promise<CreateResult> {
    if (!this.configured) return { id: "", properties: {} };
    if (this.preview && !this.provider.supportsPreview) return { id: "", properties: inputs };
    return this.marking(inputs, () =>
      this.provider.create(subject, this.sent(inputs), timeoutSeconds, this.preview),
    );
  }

  async update(
    subject: ResourceSubject,
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    timeoutSeconds: number,
    ignoreChanges: string[],
  ): Promise<UpdateResult> {
    if (!this.configured) return { properties: {} };
    if (this.preview && !this.provider.supportsPreview) return { properties: news };
    const [inputs, outputs] = [this.sent(oldInputs), this.sent(oldOutputs)];
    return this.marking(news, () =>
      this.provider.update(
        subject,
        inputs,
        outputs,
        this.sent(news),
        timeoutSeconds,
        ignoreChanges,
        this.preview,
      ),
    );
  }

  delete(
    subject: ResourceSubject,
    oldInputs: Properties,
    oldOutputs: Properties,
    timeoutSeconds: number,
  ): Promise<void> {
    return this.provider.delete(subject, this.sent(oldInputs), this.sent(oldOutputs), timeoutSeconds);
  }

  async read(subject: ResourceSubject, inputs?: Properties, state?: Properties): Promise<ReadResult> {
    if (!this.configured) return { id: subject.id, inputs: {}, properties: {} };
    const [sentInputs, sentState] = [inputs && this.sent(inputs), state && this.sent(state)];
    const result = await this.marking(state ?? {}, () => this.provider.read(subject, sentInputs, sentState));
    return result.inputs ? { ...result, inputs: this.received(result.inputs, inputs ?? {}) } : result;
  }

  async invoke(token: string, args: Properties): Promise<InvokeResult> {
    if (!this.configured) return { result: {}, failures: [] };
    const { result, failures } = await this.provider.invoke(token, this.sent(args), this.preview);
    if (this.provider.acceptSecrets || !containsSecrets(args)) return { result, failures };
    const secret = Object.entries(result).map(([key, value]) => [key, makeSecret(value)]);
    return { result: Object.fromEntries(secret) as Properties, failures };
  }

  private sent(properties: Properties): Properties {
    return this.provider.acceptSecrets ? properties : bare(properties);
  }

  private received(answer: Properties, asked: Properties): Properties {
    return this.provider.acceptSecrets ? answer : markLikeInputs(answer, asked);
  }

  /** Marks the secrets in what `call` answers, also when it answers that the resource did not become ready. */
  private async marking<R extends { properties: Properties }>(
    asked: Properties,
    call: () => Promise<R>,
  ): Promise<R> {
    try {
      const result = await call();
      return { ...result, properties: this.received(result.properties, asked) };
    } catch (error) {
      if (!(error instanceof InitError)) throw error;
      const { id, properties, reasons, inputs } = error;
      throw new InitError(
        id,
        this.received(properties, asked),
        reasons,
        inputs && this.received(inputs, asked),
      );
    }
  }
}
