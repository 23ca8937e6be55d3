/** What the provider asks of each of its resource types. */
import type { CheckResult, DiffResult, ReadResult, Subject } from "../../model";
import type { Properties } from "../../values";
import type { Daemon } from "./daemon";
import type { DockerConfig } from "./endpoint";

/** A running operation, and the daemon it may use. */
export interface Operation {
  daemon: Daemon;
  config: DockerConfig;
  /** Aborts when the user cancels or the operation's time is up. */
  signal: AbortSignal;
}

export interface Resource {
  check(subject: Subject, olds: Properties, news: Properties, randomSeed: Buffer): Promise<CheckResult>;
  diff(outputs: Properties, news: Properties, ignoreChanges: string[]): DiffResult;
  /** The outputs that a preview of a creation or (given the outputs in state) an update shows. */
  preview(operation: Operation, inputs: Properties, outputs?: Properties): Promise<Properties>;
  create(
    operation: Operation,
    subject: Subject,
    inputs: Properties,
  ): Promise<{ id: string; properties: Properties }>;
  update(operation: Operation, id: string, outputs: Properties, inputs: Properties): Promise<Properties>;
  read(operation: Operation, id: string, inputs?: Properties, outputs?: Properties): Promise<ReadResult>;
  delete(operation: Operation, id: string, outputs: Properties): Promise<void>;
}
