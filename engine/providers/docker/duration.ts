/** Go's durations ("1m30s"), as Docker's API counts them (nanoseconds) and the provider's inputs spell them. Pure. */
const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g;

/** Nanoseconds, or undefined for what Go's time.ParseDuration refuses ("10", "1d"). */
export function parseDuration(text: string): number | undefined {
  const unsigned = text.replace(/^[-+]/, "");
  if (unsigned === "0") return 0;
  if (unsigned === "" || unsigned.replace(PART, "") !== "") return undefined;
  let nanoseconds = 0;
  for (const [, amount, unit] of unsigned.matchAll(PART))
    nanoseconds += Number(amount) * (UNITS[unit ?? ""] ?? 0);
  return Math.round(text.startsWith("-") ? -nanoseconds : nanoseconds);
}

/** As Go's Duration.String writes it: "1m30s", "1.5s", "500ms", "1h0m0s", "0s". */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1e3) return `${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${nanoseconds / 1e3}µs`;
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`;
  const minutes = Math.floor(nanoseconds / 60e9);
  const seconds = `${(nanoseconds - minutes * 60e9) / 1e9}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

export function checkDuration(value: string | number): string | undefined {
  const nanoseconds = parseDuration(String(value));
  if (nanoseconds === undefined) return `'${value}' is not a valid duration`;
  return nanoseconds < 0 ? `'${value}' duration must not be negative` : undefined;
}
