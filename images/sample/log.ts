export type Log = (
  level: "info" | "warn" | "error",
  message: string,
  fields?: Record<string, unknown>,
) => void;

/** One JSON object a line on stdout. Nothing secret is ever passed to it. */
export const log: Log = (level, message, fields = {}) => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
};

/** What went wrong, in a word or a sentence: Node's connection errors have a code, and sometimes no message. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as { code?: unknown }).code;
  return [code, error.message].filter((part) => typeof part === "string" && part !== "").join(": ");
}
