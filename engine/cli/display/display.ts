import type { EngineEvent } from "../../model";

/** Takes one operation's events, from the first to the last, and shows them. */
export interface Display {
  event(event: EngineEvent): void;
  /** No more events will come. Resolves when all of them have arrived. */
  end(): void | Promise<void>;
}
