/** What an entry of the guest book is, and what makes one valid. */

export interface NewEntry {
  name: string;
  message: string;
}

export interface Entry extends NewEntry {
  id: string;
  createdAt: Date;
}

const limits = { name: 80, message: 500 };

/** A valid entry out of what a client sent, or what is wrong with it, in words for that client. */
export function parseEntry(input: unknown): NewEntry | string {
  const entry = { name: text(input, "name"), message: text(input, "message") };
  return faultOf("name", entry.name) ?? faultOf("message", entry.message) ?? entry;
}

/** The name alone, as of an entry; or what is wrong with it. */
export function parseName(input: unknown): Pick<NewEntry, "name"> | string {
  const name = text(input, "name");
  return faultOf("name", name) ?? { name };
}

function faultOf(field: keyof typeof limits, value: string): string | undefined {
  const length = [...value].length;
  if (length >= 1 && length <= limits[field]) return undefined;
  return `${field} must have 1 to ${limits[field]} characters, but has ${length}`;
}

/** Without the NUL character, which Postgres cannot store in a text. */
function text(input: unknown, field: string): string {
  const value = typeof input === "object" && input !== null ? (input as Record<string, unknown>)[field] : "";
  return typeof value === "string" ? value.replaceAll("\0", "").trim() : "";
}
