/** The gateway's access log, request by request, as figures of a version. Pure. */
import type { Traffic } from "../history/entry";

/** What one line of the log says about a version's request. */
export interface Request {
  /** `service-version`. */
  backend: string;
  failed: boolean;
  /** Absent of a WebSocket: its time is that of the whole conversation. */
  milliseconds?: number;
}

/** Reads a line; undefined for one that is no request of a version, or one that the client gave up. */
export function parseRequest(line: string): Request | undefined {
  const { version, status, ms, termination } = objectIn(line);
  if (typeof version !== "string" || typeof status !== "number" || typeof ms !== "number") return undefined;
  if (version === "-" || status < 100) return undefined;
  // "SD", "sD": the answer had begun well, but the server did not finish it.
  const brokenOff = typeof termination === "string" && /^s/i.test(termination) && status !== 101;
  return {
    ...{ backend: version, failed: status >= 500 || brokenOff },
    ...(status === 101 ? {} : { milliseconds: ms }),
  };
}

function objectIn(line: string): Record<string, unknown> {
  try {
    return line.startsWith("{") ? (JSON.parse(line) as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A version's requests in a window: counted, not kept. */
export class Figures {
  requests = 0;
  errors = 0;
  /** How many took so long, by milliseconds. */
  private readonly latencies = new Map<number, number>();

  add({ failed, milliseconds }: Request): void {
    this.requests++;
    if (failed) this.errors++;
    if (milliseconds === undefined) return;
    const rounded = roundLatency(milliseconds);
    this.latencies.set(rounded, (this.latencies.get(rounded) ?? 0) + 1);
  }

  /** How many have a latency, and how many of those one above the limit. */
  slowerThan(limitMilliseconds: number): { measured: number; slower: number } {
    let measured = 0;
    let slower = 0;
    for (const [milliseconds, count] of this.latencies) {
      measured += count;
      if (milliseconds > limitMilliseconds) slower += count;
    }
    return { measured, slower };
  }

  /** The latency that 95 of 100 requests keep to; undefined without any. */
  p95Milliseconds(): number | undefined {
    let left = Math.ceil(this.slowerThan(0).measured * 0.95);
    for (const milliseconds of [...this.latencies.keys()].sort((a, b) => a - b)) {
      left -= this.latencies.get(milliseconds) ?? 0;
      if (left <= 0) return milliseconds;
    }
    return undefined;
  }

  /** The figures as they are told, with errors that the log does not show. */
  traffic(moreErrors = 0): Traffic {
    const p95Milliseconds = this.p95Milliseconds();
    return {
      ...{ requests: this.requests, errors: this.errors + moreErrors },
      ...(p95Milliseconds === undefined ? {} : { p95Milliseconds }),
    };
  }
}

/** Exact below a second, to three digits above: there are never more than some thousand different ones. */
function roundLatency(milliseconds: number): number {
  return milliseconds < 1000 ? milliseconds : Number(milliseconds.toPrecision(3));
}
