/** Rules as tables: what a property must be, for every type that has it. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import { isNotKnown, listOf, notKnown, show, valueAt, type Properties } from "./known";
import { resourceRule, type Configured, type ResourceContext, type ResourceRule, type Rule } from "./rule";

type Options = Record<string, PolicyConfigSchema["properties"][string] & { default: unknown }>;

/** What one property of one type must be. */
export interface Requirement<O extends Options = Options> {
  readonly type: string;
  /** What such a resource is called in a message: "Database". */
  readonly noun: string;
  /** The property, or the path to it: `healthCheck.path`; `protect` is the resource option. */
  readonly property: string;
  readonly isMet: (value: unknown, context: ResourceContext<O>, resource: Properties) => boolean;
  /** True where any value that only the update will know is one that meets it, such as the id of a key that is still to be made. */
  readonly unknownFits?: boolean;
  /** What is wrong where it is not met: "stores its data unencrypted". */
  readonly fault: string;
  readonly allowed: string | ((options: Configured<O>) => string);
  /** @default - `Set <property>.` */
  readonly mend?: string;
  /** Ids of the checks of Checkov, Trivy and KICS that ask for the same. */
  readonly equivalents?: readonly string[];
}

type TableRule<O extends Options> = Omit<ResourceRule<O>, "types" | "check" | "equivalents" | "unknown"> & {
  readonly requirements: readonly Requirement<O>[];
};

/** A rule whose every finding is a row of a table. What only the update will know is judged then. */
export function requirementRule<O extends Options = Record<never, never>>({
  requirements,
  ...about
}: TableRule<O>): Rule {
  const byType = new Map<string, Requirement<O>[]>();
  for (const row of requirements) byType.set(row.type, [...(byType.get(row.type) ?? []), row]);
  return resourceRule<O>({
    ...about,
    equivalents: [...new Set(requirements.flatMap(({ equivalents = [] }) => equivalents))],
    unknown: "later",
    types: [...byType.keys()] as [string, ...string[]],
    *check(resource, context) {
      for (const row of byType.get(context.type) ?? []) yield* judge(row, resource, context);
    },
  });
}

function* judge<O extends Options>(
  { noun, property, isMet, unknownFits, fault, allowed, mend = `Set ${property}.` }: Requirement<O>,
  resource: Properties,
  context: ResourceContext<O>,
): Generator<string> {
  if (unknownFits === true && isNotKnown(resource, property)) return;
  const value = property === "protect" ? context.opts.protect : valueAt(resource, property);
  if (value === notKnown || isMet(value, context, resource)) return;
  const range = typeof allowed === "string" ? allowed : allowed(context.options);
  yield `${noun} "${context.name}" ${fault} (${property}: ${show(value)}). Allowed: ${range}. ${mend}`;
}

export const isTrue = (value: unknown): boolean => value === true;
export const isNotTrue = (value: unknown): boolean => value !== true;
export const isNotFalse = (value: unknown): boolean => value !== false;
export const isSet = (value: unknown): boolean => value !== undefined && value !== "";
export const isAtLeast = (value: unknown, minimum: number): boolean =>
  typeof value === "number" && value >= minimum;
/** A list whose length is at least `minimum`; its elements may be unknown. */
export const hasAtLeast = (value: unknown, minimum: number): boolean => listOf(value).length >= minimum;
