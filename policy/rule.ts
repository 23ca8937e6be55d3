/** What every rule is made of. */
import type {
  EnforcementLevel,
  PolicyConfigSchema,
  ResourceValidation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  Severity,
  StackValidationPolicy,
} from "@pulumi/policy";
import { copyKnown, type Properties } from "./known";

/** A policy that also says how to mend what it finds, where to read more, and which clause it enforces. */
export type Rule = (ResourceValidationPolicy | StackValidationPolicy) & {
  readonly displayName: string;
  readonly severity: Severity;
  readonly enforcementLevel: EnforcementLevel;
  readonly remediationSteps: string;
  readonly url: string;
  /** The clause of the project's source documents that this enforces: document and clause, in our words. */
  readonly seed: string;
};

/** Yields a message for each thing wrong with a resource. Values that only the update will know are `notKnown` in `properties`. */
export type Check = (properties: Properties, args: ResourceValidationArgs) => Iterable<string>;

/** A validation of one type of resource, such as `docker:index/container:Container`. */
export function checkResource(type: string, check: Check): ResourceValidation {
  const validate: ResourceValidation = (args, reportViolation) => {
    if (args.type !== type) args.notApplicable(`Only for ${type}`);
    for (const message of check(copyKnown(args.props), args)) reportViolation(message);
  };
  return onlyFor(type, validate);
}

/** Marks a function as the SDK marks its own: it then skips other types before it decodes their properties. */
export function onlyFor<F extends object>(type: string, run: F): F {
  return Object.assign(run, { __pulumiType: type });
}

type Options = Record<string, PolicyConfigSchema["properties"][string] & { default: unknown }>;

/** A rule's configuration, read. */
export type Configured<O extends Options> = { readonly [K in keyof O]: O[K]["default"] };

/**
 * A rule's configuration: its schema, and how to read it. The engine checks given values against the schema and fills in the defaults; where
 * none did, or a value is of another type than its default, the default holds.
 */
export function configuration<O extends Options>(options: O) {
  const read = (args: Pick<ResourceValidationArgs, "getConfig">): Configured<O> => {
    const given = args.getConfig<Record<string, unknown>>();
    const value = (key: string): unknown => {
      const preset = options[key]?.default;
      const own = given[key];
      return typeof own === typeof preset && Array.isArray(own) === Array.isArray(preset) ? own : preset;
    };
    return Object.fromEntries(Object.keys(options).map((key) => [key, value(key)])) as Configured<O>;
  };
  return { schema: { properties: options } as PolicyConfigSchema, read };
}

/** A list of texts in a rule's configuration. */
export function texts(description: string, preset: readonly string[]) {
  return { type: "array" as const, items: { type: "string" as const }, description, default: preset };
}
