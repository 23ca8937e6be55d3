import type * as z from "zod";
import type { Properties } from "../engine/values";
import type { exec } from "./docker";
import type { Gateway } from "./gateway/gateway";
import type { NewEntry } from "./history/entry";
import type { OneOff, Outcome } from "./one-off";

/** What an operation may use of the world. */
export interface Context {
  /** Aborted when the engine cancels or ends: stop waiting, put back what is half done, then throw. */
  readonly signal: AbortSignal;
  openGateway(container: string): Gateway;
  /** Runs a command in a running container. */
  readonly exec: typeof exec;
  /** True when a container will not become healthy by waiting. */
  hasEnded(container: string): Promise<boolean>;
  /** State and last log lines of a container, secrets masked. */
  describeContainer(container: string): Promise<string>;
  /** Runs a command in a container of its own. */
  runOnce(oneOff: OneOff, signal: AbortSignal): Promise<Outcome>;
  /** Adds an entry to the journal in a file. */
  record(file: string, entry: NewEntry): Promise<unknown>;
  /** Tells the user how the resource is doing. What is passing is shown until the next message; the rest stays. */
  progress(message: string, kind?: "passing"): void;
}

/**
 * A resource type of the provider. An output that may have no value is null then: one that is missing is unknown in the SDK's previews,
 * and with it whatever uses it. Inputs arrive checked, with the schema's defaults and without secret wrappers; the outputs in state
 * are always the inputs and what the operation answers, so that the state file tells what was asked for. Errors are shown to the user
 * as they are.
 */
export interface ResourceKind<Inputs extends object, Computed extends object> {
  readonly schema: z.ZodType<Inputs>;
  /** Inputs that say which thing this is: when one changes, it is replaced. */
  readonly identity: readonly string[];
  id(inputs: Inputs): string;
  create(inputs: Inputs, context: Context): Promise<Computed>;
  update(inputs: Inputs, old: Inputs & Computed, context: Context): Promise<Computed>;
  delete(old: Inputs & Computed, context: Context): Promise<void>;
  /** What is there now, in place of what was asked for where that differs; undefined when it is gone. */
  read(old: Inputs & Computed, context: Context): Promise<(Partial<Inputs> & Computed) | undefined>;
  /** Outputs that are sure before the operation: known in a preview. */
  foresee?(inputs: Properties, old: Properties | undefined): Properties;
  /** Outputs in which the world, as last read, is not what the inputs ask for. */
  drift?(inputs: Properties, old: Properties): string[];
}
