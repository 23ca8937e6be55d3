/** A report for the terminal: nothing when all passes, else the violations by resource, and how many of the rest. */
import type { Report } from "./report";

export function toSummary({ violations, waived, notEvaluated, errors }: Report): string[] {
  if (violations.length + waived.length + errors.length === 0) return [];
  const rest = [
    ...(waived.length > 0 ? [`${waived.length} waived`] : []),
    ...(notEvaluated.length > 0 ? [`${notEvaluated.length} not evaluated`] : []),
  ];
  return [
    ...violations.flatMap(({ severity, policy, message }) => [`${severity}  ${policy}`, `    ${message}`]),
    ...waived.map(({ policy, message }) => `waived  ${policy}: ${message.split(": ")[0]}`),
    ...errors.map((error) => `error  ${error}`),
    [`${violations.length} ${violations.length === 1 ? "violation" : "violations"}`, ...rest].join(", "),
  ];
}
