/** Order and parallelism. */
import { DeploymentStopped } from "./context";

/** Runs tasks one after the other, in the order in which they came. */
export class SerialQueue {
  private tail: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.tail.then(task);
    this.tail = result.catch(() => {});
    return result;
  }

  /** Resolves when all tasks so far have ended. */
  async idle(): Promise<void> {
    await this.tail;
  }
}

/** Runs up to `count` tasks at a time. */
export class Slots {
  private running = 0;
  private closed = false;
  private readonly waiting: { start: () => void; refuse: () => void }[] = [];
  private whenIdle: (() => void)[] = [];

  constructor(private readonly count: number) {}

  /** @throws DeploymentStopped when the slots close before the task has started. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.closed) throw new DeploymentStopped();
    if (this.running < this.count) this.running++;
    else {
      await new Promise<void>((start, reject) => {
        this.waiting.push({ start, refuse: () => reject(new DeploymentStopped()) });
      });
    }
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      if (next) next.start();
      else if (--this.running === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
    }
  }

  /** Refuses what waits and what comes; what runs goes on. */
  close(): void {
    this.closed = true;
    for (const { refuse } of this.waiting.splice(0)) refuse();
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }
}
