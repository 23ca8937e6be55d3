/** The provider of the package `pulumi` itself: references to other stacks, and resources looked up by URN. */
import type { DiffResult, Provider, ReadResult, ResourceState, Subject, Urn } from "../model";
import type { Properties } from "../values";
import { containsSecrets, UNKNOWN } from "../values";
import { NO_CHANGE } from "./diff";

const STACK_REFERENCE = "pulumi:pulumi:StackReference";

export interface BuiltinServices {
  /** undefined where they are not known. */
  readStackOutputs(name: string): Promise<Properties | undefined>;
  /** What this run has registered or read so far. */
  findResource(urn: Urn): ResourceState | undefined;
}

const refuse = async (subject: Subject): Promise<never> => {
  const advice =
    subject.type === STACK_REFERENCE
      ? "a StackReference is read, not registered: update @pulumi/pulumi"
      : `this engine does not provide ${subject.type}; use the Pulumi CLI`;
  throw new Error(advice);
};

/** Source: pkg/resource/deploy/builtins.go; its `pulumi:index:Stash` is refused. */
export class BuiltinProvider implements Provider {
  readonly acceptSecrets = true;
  readonly acceptResources = true;
  readonly supportsPreview = true;
  readonly check = refuse;
  readonly diff = refuse;
  readonly create = refuse;
  readonly update = refuse;

  constructor(private readonly services: BuiltinServices) {}

  async checkConfig(_subject: Subject, _olds: Properties, news: Properties) {
    return { inputs: news, failures: [] };
  }
  async diffConfig(): Promise<DiffResult> {
    return NO_CHANGE;
  }
  async configure(): Promise<void> {}
  async delete(): Promise<void> {}
  async cancel(): Promise<void> {}
  async close(): Promise<void> {}

  async read(subject: Subject & { id: string }, inputs: Properties = {}): Promise<ReadResult> {
    if (subject.type !== STACK_REFERENCE) return refuse(subject);
    return { id: subject.id, inputs, properties: await this.readStack(inputs["name"]) };
  }

  async invoke(token: string, args: Properties) {
    switch (token) {
      case "pulumi:pulumi:readStackOutputs":
        return { result: await this.readStack(args["name"]), failures: [] };
      case "pulumi:pulumi:getResource":
        return { result: this.getResource(args["urn"]), failures: [] };
      default:
        throw new Error(`this engine does not provide the function ${token}; use the Pulumi CLI`);
    }
  }

  private async readStack(name: unknown): Promise<Properties> {
    if (typeof name !== "string") throw new Error(`a stack reference needs the stack's name`);
    const outputs = await this.services.readStackOutputs(name);
    if (outputs === undefined) return { name, outputs: UNKNOWN, secretOutputNames: UNKNOWN };
    const secretOutputNames = Object.keys(outputs).filter((key) => containsSecrets(outputs[key]));
    return { name, outputs, secretOutputNames: secretOutputNames.sort() };
  }

  private getResource(urn: unknown): Properties {
    const resource = typeof urn === "string" ? this.services.findResource(urn) : undefined;
    if (!resource) throw new Error(`unknown resource ${String(urn)}`);
    const { id = "", provider = "", outputs = {} } = resource;
    return { urn: resource.urn, id, provider, state: outputs };
  }
}
