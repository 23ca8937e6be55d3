/** Waiting that a cancel ends at once. */
import { setTimeout as sleep } from "node:timers/promises";

/** Rejects with the signal's reason as soon as it is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/**
 * Calls `probe` until it answers something other than undefined, or the time is over (then undefined).
 * @throws the signal's reason when cancelled, or what `probe` throws.
 */
export async function poll<T>(
  probe: () => Promise<T | undefined>,
  options: { everyMs: number; withinMs: number; signal: AbortSignal },
): Promise<T | undefined> {
  const deadline = performance.now() + options.withinMs;
  for (;;) {
    options.signal.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (performance.now() + options.everyMs > deadline) return undefined;
    await pause(options.everyMs, options.signal);
  }
}

/** The work's result, unless the signal is aborted first: then its reason, while the work is left to end by itself. */
export async function orCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort = (): void => undefined;
  const cancelled = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Does the work; when it fails, undoes what it may have done, and says so if that failed too. */
export async function orUndo<T>(work: () => Promise<T>, undo: () => Promise<unknown>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error : new Error(String(error));
    try {
      await undo();
    } catch (failure) {
      throw new Error(
        `${reason.message}\nPutting back what was there before failed too: ${failure instanceof Error ? failure.message : String(failure)}`,
        { cause: error },
      );
    }
    throw reason;
  }
}
