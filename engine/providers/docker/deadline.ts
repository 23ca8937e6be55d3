/** How long an operation may take, and why it was ended. */

/** The user asked to stop. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
    this.name = "Cancelled";
  }
}

/** It took longer than allowed. */
export class TimeUp extends Error {
  constructor(seconds: number) {
    super(`gave up after ${seconds} s`);
    this.name = "TimeUp";
  }
}

/** Runs `work` with a signal that aborts with `parent`, or after `seconds`. */
export async function withDeadline<T>(
  parent: AbortSignal,
  seconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new TimeUp(seconds)), seconds * 1000);
  const follow = (): void => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener("abort", follow, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    parent.removeEventListener("abort", follow);
  }
}
