/** Small texts that several commands print. */

/** Columns two blanks apart, without blanks at the ends of lines. */
export function table(rows: string[][], indent = ""): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${indent}${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd() + "\n",
    )
    .join("");
}

/** `5 minutes ago`. @param time ISO 8601. */
export function ago(time: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  const units = [
    { name: "day", seconds: 86_400 },
    { name: "hour", seconds: 3600 },
    { name: "minute", seconds: 60 },
    { name: "second", seconds: 1 },
  ];
  const unit = units.find((candidate) => seconds >= candidate.seconds);
  if (!unit) return "now";
  const amount = Math.floor(seconds / unit.seconds);
  return `${amount} ${unit.name}${amount === 1 ? "" : "s"} ago`;
}

export const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
