/** What an entry of the guest book is, and what makes one valid. */

export interface NewEntry {
  name: string;
  message: string;
}

export interface Entry extends NewEntry {
  id: string;
  createdAt: Date;
}

/** A valid entry out of what a client sent, or what is wrong with it, in words for that client. */
export function parseEntry(input: unknown): NewEntry | string {
  const fields = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
  const entry = { name: text(fields.name), message: text(fields.message) };
  for (const [field, maximum] of [
    ["name", 80],
    ["message", 500],
  ] as const) {
    const length = [...entry[field]].length;
    if (length < 1 || length > maximum)
      return `${field} must have 1 to ${maximum} characters, but has ${length}`;
  }
  return entry;
}

/** Without the NUL character, which Postgres cannot store in a text. */
function text(value: unknown): string {
  return typeof value === "string" ? value.replaceAll("\0", "").trim() : "";
}
