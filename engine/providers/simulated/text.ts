import type { Value } from "../../values";

/** A scalar as text; of anything else nothing. */
export const asText = (value: Value | undefined): string =>
  value === undefined || value === null || typeof value === "object" ? "" : String(value);
