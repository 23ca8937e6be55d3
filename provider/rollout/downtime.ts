/** How long a service did not answer: what a direct release tells. */
import type { Gateway } from "../gateway/gateway";
import { pause } from "../wait";
import { parseRequest } from "./access-log";

/**
 * Milliseconds in which a service's requests failed, by the gateway's access log: from each request that failed to the next that did
 * not. Pure.
 */
export class Downtime {
  private total = 0;
  private downSince: number | undefined;

  /** @param at when the request ended, in milliseconds */
  add(at: number, failed: boolean): void {
    if (failed) {
      this.downSince ??= at;
    } else if (this.downSince !== undefined) {
      this.total += at - this.downSince;
      this.downSince = undefined;
    }
  }

  /** @param now when the service that still fails is looked at */
  milliseconds(now: number): number {
    return Math.round(this.total + (this.downSince === undefined ? 0 : now - this.downSince));
  }
}

/** What the service's log says about the time since then, `settleMs` after now: requests under way have ended, and would tell. */
export async function measureDowntime(
  gateway: Gateway,
  service: string,
  since: string,
  settleMs: number,
  signal: AbortSignal,
): Promise<number> {
  await pause(settleMs, signal);
  const downtime = new Downtime();
  await gateway.readAccessLog({ since, follow: false, signal }, ({ at, text }) => {
    const request = parseRequest(text);
    if (request?.backend.startsWith(`${service}-`)) downtime.add(Date.parse(at), request.failed);
  });
  return downtime.milliseconds(Date.now());
}
