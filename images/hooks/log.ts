/** One line of JSON a fact. No value that came from a secret gets here: hooks hold none. */
export function log(
  level: "error" | "info" | "warn",
  message: string,
  fields: Record<string, unknown>,
): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
}

export function reason(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
