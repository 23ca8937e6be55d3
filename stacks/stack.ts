/** What every stack is given, and answers. */
import * as pulumi from "@pulumi/pulumi";
import type { StackMemory } from "./target";

export interface StackContext {
  readonly organization: string;
  readonly project: string;
  /** The checkout's folder. */
  readonly root: string;
  /** Configuration of the project's namespace, without the namespace, as text. */
  readonly values: Readonly<Record<string, string>>;
  readonly isSecret: (key: string) => boolean;
  /** Reads the stack's own last outputs. */
  readonly recall: () => Promise<StackMemory>;
}

/** Declares a stack and answers its outputs. */
export type Stack = (context: StackContext) => Promise<Record<string, unknown>>;

/** What is wrong in the user's input ends the program as one message, without a stack trace. */
export function userErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
}
