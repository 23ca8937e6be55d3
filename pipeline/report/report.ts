/** What an engine's event log says of a preview or an update, for those who review it. Pure. The log is the same of either engine (`--event-log`, `--json`). */

import { stripVTControlCharacters } from "node:util";

export interface Finding {
  readonly policy: string;
  readonly level: string;
  readonly severity: string;
  /** What the rule is for, in a sentence. */
  readonly description: string;
  /** What is wrong, what is allowed, and how to mend it. */
  readonly message: string;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

export interface Step {
  readonly op: string;
  readonly type: string;
  readonly name: string;
}

export interface Report {
  readonly stack: string;
  readonly preview: boolean;
  readonly succeeded: boolean;
  /** Steps by operation. */
  readonly changes: Readonly<Record<string, number>>;
  /** What changes, in a fixed order; what stays as it is is left out. */
  readonly plan: readonly Step[];
  readonly violations: readonly Finding[];
  /** Violations that a waiver covers. */
  readonly waived: readonly Finding[];
  /** A rule and a resource it could not judge before the update, each a line. */
  readonly notEvaluated: readonly string[];
  readonly notes: readonly Finding[];
  /** What went wrong besides, in the engine's words. */
  readonly errors: readonly string[];
}

/** True for what stops the update. */
export const isMandatory = ({ level }: Finding): boolean => level === "mandatory" || level === "remediate";

interface PolicyEvent {
  readonly resourceUrn?: string;
  readonly message: string;
  readonly policyName: string;
  readonly enforcementLevel: string;
  readonly severity?: string;
}
interface StepEvent {
  readonly metadata: { readonly op: string; readonly urn: string };
}
interface Event {
  readonly policyEvent?: PolicyEvent;
  readonly resourcePreEvent?: StepEvent;
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string };
  readonly summaryEvent?: {
    readonly resourceChanges?: Readonly<Record<string, number>>;
    readonly isPreview?: boolean;
  };
}

const notEvaluatedRule = "pack-list-not-evaluated";
const unchanged = new Set(["same", "read", "discard", "discard-replaced", "read-replacement"]);
const levels = ["remediate", "mandatory", "advisory"];
const severities = ["critical", "high", "medium", "low"];

/**
 * Reads an event log, one JSON object a line.
 *
 * @throws Error for a line that is no JSON, with its number
 */
export function readReport(log: string): Report {
  const events = log.split("\n").flatMap((line, index): Event[] => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line) as Event];
    } catch {
      throw new Error(`Line ${index + 1} of the event log is no JSON.`);
    }
  });
  const findings = unique(events.flatMap(({ policyEvent }) => (policyEvent ? [toFinding(policyEvent)] : [])));
  const steps = events.flatMap(({ resourcePreEvent }) =>
    resourcePreEvent ? [resourcePreEvent.metadata] : [],
  );
  const summary = events.findLast(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent;
  const errors = events.flatMap(({ diagnosticEvent }) =>
    diagnosticEvent?.severity === "error" ? [plain(diagnosticEvent.message).trim()] : [],
  );
  const open = findings.filter(({ policy }) => policy === notEvaluatedRule);
  const judged = findings.filter(({ policy }) => policy !== notEvaluatedRule);
  const isWaived = ({ message }: Finding): boolean => message.startsWith("Waived by ");
  const violations = judged.filter((finding) => isMandatory(finding));
  const someUrn = steps[0]?.urn ?? findings[0]?.urn ?? "";
  return {
    stack: /^urn:pulumi:([^:]+)::/.exec(someUrn)?.[1] ?? "",
    preview: summary?.isPreview ?? true,
    succeeded: summary !== undefined && violations.length === 0 && errors.length === 0,
    changes: sorted(summary?.resourceChanges ?? {}),
    plan: steps
      .filter(({ op }) => !unchanged.has(op))
      .map(({ op, urn }) => ({ op, ...splitUrn(urn) }))
      .sort((a, b) => compare(stepKey(a), stepKey(b))),
    violations,
    waived: judged.filter((finding) => !isMandatory(finding) && isWaived(finding)),
    notEvaluated: open.flatMap(({ message }) => linesAfterFirst(message)).sort(),
    notes: judged.filter((finding) => !isMandatory(finding) && !isWaived(finding)),
    errors,
  };
}

function toFinding({
  resourceUrn = "",
  message,
  policyName,
  enforcementLevel,
  severity,
}: PolicyEvent): Finding {
  // The SDK puts the rule's description before the message.
  const [description = "", ...rest] = plain(message).split("\n");
  const text = rest.join("\n").trim();
  return {
    ...{ policy: policyName, level: enforcementLevel, severity: severity ?? "medium" },
    ...{ description: text === "" ? "" : description, message: text || description },
    ...{ urn: resourceUrn, ...splitUrn(resourceUrn) },
  };
}

/** The grave first, then by rule and resource: the order does not depend on that of the events. */
function unique(findings: readonly Finding[]): Finding[] {
  const byKey = new Map(findings.map((finding) => [key(finding), finding]));
  return [...byKey.values()].sort((a, b) => compare(key(a), key(b)));
}

function key({ level, severity, policy, urn, message }: Finding): string {
  return [levels.indexOf(level), severities.indexOf(severity), policy, urn, message].join("\u0000");
}

const stepKey = ({ op, type, name }: Step): string => `${op} ${type} ${name}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sorted = (record: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => compare(a, b)));
const linesAfterFirst = (text: string): string[] =>
  text
    .split("\n")
    .slice(1)
    .map((line) => line.trim());

function splitUrn(urn: string): { type: string; name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.split("$").at(-1) ?? "", name: name.join("::") };
}

/** Without the colours of either engine. */
function plain(text: string): string {
  return stripVTControlCharacters(text.replaceAll(/<\{%[^%]*%\}>/g, ""));
}
