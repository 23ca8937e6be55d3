/** The part of a resource that follows from its schema alone. */
import type { CheckResult, DiffResult, ReadResult, Subject } from "../../model";
import type { Properties } from "../../values";
import { UNKNOWN } from "../../values";
import { checkInputs, defaultsOf } from "./check";
import type { Fault } from "./check";
import { diffResource } from "./diff";
import type { Operation, Resource } from "./resource";
import type { Schema } from "./schema";
import { importedInputs, plannedOutputs, refreshedInputs, settledOutputs } from "./state";

/** A Docker object as the daemon shows it: its id in state, and the outputs that the daemon tells. */
export interface Found {
  id: string;
  actual: Properties;
}

const TWENTY_MINUTES_NS = 20 * 60 * 1e9;

/** The time-outs that the Terraform SDK keeps in a resource's `__meta`, under its own key. */
export const TIMEOUTS_META: Properties = {
  "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0": {
    create: TWENTY_MINUTES_NS,
    delete: TWENTY_MINUTES_NS,
    update: TWENTY_MINUTES_NS,
  },
};

export abstract class SchemaResource implements Resource {
  protected abstract readonly schema: Schema;
  /** `__meta` in state: the bridged provider's schema version and time-outs. */
  protected abstract readonly meta: Properties;
  protected readonly autonamed: boolean = true;

  /** Makes it; `planned` are the outputs as far as the inputs tell, null where only Docker knows. */
  protected abstract make(
    operation: Operation,
    subject: Subject,
    inputs: Properties,
    planned: Properties,
  ): Promise<Found>;
  /** Looks it up; undefined when it is gone. `prior` are the outputs in state, or the planned ones. */
  protected abstract look(operation: Operation, id: string, prior: Properties): Promise<Found | undefined>;
  abstract delete(operation: Operation, id: string, outputs: Properties): Promise<void>;

  /** Changes it in place; most only change what is recorded. */
  protected async change(
    operation: Operation,
    id: string,
    _outputs: Properties,
    _inputs: Properties,
    planned: Properties,
  ): Promise<Found | undefined> {
    return this.look(operation, id, planned);
  }

  /** What no single property shows to be wrong. */
  protected readonly faults: (inputs: Properties) => Fault[] = () => [];

  async check(
    subject: Subject,
    olds: Properties,
    news: Properties,
    randomSeed: Buffer,
  ): Promise<CheckResult> {
    const resource = { name: subject.name, autonamed: this.autonamed };
    return checkInputs(this.schema, resource, olds, news, randomSeed, this.faults);
  }

  /** Two objects cannot have one name: what the program named itself is deleted before it is made anew. */
  diff(outputs: Properties, news: Properties, ignoreChanges: string[]): DiffResult {
    const deleteFirst = this.autonamed && !defaultsOf(news).includes("name");
    return diffResource(this.schema, outputs, news, ignoreChanges, deleteFirst);
  }

  async preview(_operation: Operation, inputs: Properties, outputs?: Properties): Promise<Properties> {
    const planned = plannedOutputs(this.schema, inputs, outputs ?? {}, UNKNOWN);
    return { ...planned, id: outputs?.id ?? UNKNOWN, __meta: JSON.stringify(this.meta) };
  }

  async create(
    operation: Operation,
    subject: Subject,
    inputs: Properties,
  ): Promise<{ id: string; properties: Properties }> {
    const planned = plannedOutputs(this.schema, inputs, {}, null);
    const { id, actual } = await this.make(operation, subject, inputs, planned);
    return { id, properties: this.outputs(id, planned, actual) };
  }

  async update(
    operation: Operation,
    id: string,
    outputs: Properties,
    inputs: Properties,
  ): Promise<Properties> {
    const planned = plannedOutputs(this.schema, inputs, outputs, null);
    const found = await this.change(operation, id, outputs, inputs, planned);
    return this.outputs(found?.id ?? id, planned, found?.actual ?? {});
  }

  async read(
    operation: Operation,
    id: string,
    inputs?: Properties,
    outputs?: Properties,
  ): Promise<ReadResult> {
    const found = await this.look(operation, id, outputs ?? {});
    if (!found) return { id: "", properties: {} };
    const properties = this.outputs(found.id, outputs ?? {}, found.actual);
    const isKnown = inputs !== undefined && Object.keys(inputs).length > 0;
    return {
      id: found.id,
      properties,
      inputs: isKnown
        ? refreshedInputs(inputs, properties, this.diff(properties, inputs, []).diffs)
        : importedInputs(this.schema, properties),
    };
  }

  protected outputs(id: string, prior: Properties, actual: Properties): Properties {
    return { ...settledOutputs(this.schema, prior, actual), id, __meta: JSON.stringify(this.meta) };
  }
}
