/** What the set-up's parts share: the one line each step says, and others' words for an error message. */

export type Say = (line: string) => void;

/** Runs one step and says what it did, as the step itself words it, and how long it took. */
export async function step<T>(
  say: Say,
  name: string,
  action: () => Promise<{ did: string; result: T }>,
): Promise<T> {
  const startMs = performance.now();
  const { did, result } = await action();
  say(`${name}: ${did}, ${formatDuration(performance.now() - startMs)}`);
  return result;
}

export function formatDuration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** The last lines of a log, indented under the message that shows them. */
export function lastLines(text: string, count = 15): string {
  return text
    .trimEnd()
    .split("\n")
    .slice(-count)
    .map((line) => `  ${line}`)
    .join("\n");
}

/** The daemon's own words out of an error of its API; of a connection error, its message or else its code. */
export function daemonReason(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return String(message || code || error)
    .replace(/^\(HTTP code \d+\) [^-]*- /, "")
    .trim();
}
