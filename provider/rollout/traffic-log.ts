/** The gateway's access log as it is written, folded into figures of each version in the window that runs. */
import type { Gateway } from "../gateway/gateway";
import { pause } from "../wait";
import { Figures, parseRequest } from "./access-log";

const reopenEveryMs = 250;

/** Figures by backend's name. */
export type Window = ReadonlyMap<string, Figures>;

export class TrafficLog {
  private readonly closed = new AbortController();
  private window: Map<string, Figures>;
  /** The last line's time: where to go on after the gateway was restarted, which ends its log. */
  private last: string;

  private constructor(
    private readonly gateway: Gateway,
    private readonly backends: readonly string[],
    seconds: number,
  ) {
    this.window = this.emptyWindow();
    this.last = new Date(Date.now() - seconds * 1000).toISOString();
  }

  /** Opens the log for these backends; the first window begins `seconds` ago. */
  static async open(
    gateway: Gateway,
    backends: readonly string[],
    seconds: number,
    signal: AbortSignal,
  ): Promise<TrafficLog> {
    const log = new TrafficLog(gateway, backends, seconds);
    await log.read(false, signal);
    void log.follow();
    return log;
  }

  /** Ends the window and begins another; answers the one that ended. */
  turn(): Window {
    const ended = this.window;
    this.window = this.emptyWindow();
    return ended;
  }

  figures(backend: string): Figures {
    return this.window.get(backend) ?? new Figures();
  }

  close(): void {
    this.closed.abort();
  }

  private emptyWindow(): Map<string, Figures> {
    return new Map(this.backends.map((backend) => [backend, new Figures()]));
  }

  /** Until closed. A log that cannot be read says nothing; an analysis then lacks requests, and passes nothing. */
  private async follow(): Promise<void> {
    const { signal } = this.closed;
    while (!signal.aborted) {
      await this.read(true, signal).catch(() => undefined);
      await pause(reopenEveryMs, signal).catch(() => undefined);
    }
  }

  private async read(follow: boolean, signal: AbortSignal): Promise<void> {
    const seen = this.last;
    await this.gateway.readAccessLog({ since: seen, follow, signal }, ({ at, text }) => {
      // Docker's `since` takes the line of that very time in.
      if (at <= seen) return;
      this.last = at;
      const request = parseRequest(text);
      if (request !== undefined) this.window.get(request.backend)?.add(request);
    });
  }
}
