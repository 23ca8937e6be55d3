import { createHash } from "node:crypto";

/** The name of what belongs to one rotation of a secret: any text makes a name of its own; the first one, "", has the plain name. */
export function generationName(name: string, rotation: string, separator = "-"): string {
  if (rotation === "") return name;
  return `${name}${separator}${createHash("sha256").update(rotation).digest("hex").slice(0, 8)}`;
}
