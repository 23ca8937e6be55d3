/** Requests one after the other to one path, about 100 a second, and what became of them. */
import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Rig } from "./rig";

const everyMs = 10;

export class Load {
  /** By version, as the servers tell it. */
  readonly answers = new Map<string, number>();
  /** Answers other than 200, and errors. */
  readonly faults: string[] = [];
  sent = 0;
  private running = true;
  private readonly pending = new Set<Promise<void>>();
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 50 });
  private readonly sending: Promise<void>;

  constructor(
    private readonly rig: Rig,
    private readonly path: string,
  ) {
    this.sending = this.send();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.sending;
    await Promise.all(this.pending);
    this.agent.destroy();
  }

  private async send(): Promise<void> {
    while (this.running) {
      this.sent++;
      const answered: Promise<void> = this.one()
        .catch((error: unknown) => void this.faults.push(String(error)))
        .finally(() => this.pending.delete(answered));
      this.pending.add(answered);
      await sleep(everyMs);
    }
  }

  private async one(): Promise<void> {
    // Every third one on a connection of its own.
    const { status, body } = await this.rig.get(this.path, {}, this.sent % 3 === 0 ? undefined : this.agent);
    if (status !== 200) return void this.faults.push(`status ${status}`);
    const version = /^version=(\S*)/.exec(body)?.[1] ?? "none";
    this.answers.set(version, (this.answers.get(version) ?? 0) + 1);
  }
}
