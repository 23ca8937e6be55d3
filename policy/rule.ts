/**
 * What every rule is made of, and the one place that decides what a value not known, a waiver and a throw do to it. Rules only say what is wrong.
 */
import type {
  EnforcementLevel,
  PolicyConfigSchema,
  PolicyResource,
  PolicyResourceOptions,
  ReportViolation,
  ResourceRemediation,
  ResourceValidation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  Severity,
  StackValidationPolicy,
} from "@pulumi/policy";
import { copyKnown, type Properties } from "./known";
import { noteNotEvaluated } from "./not-evaluated";
import { declareRule, findWaiver, type ActiveWaiver } from "./waivers";

/** What it means when a rule reads a value that only the update will know. */
export type WhenUnknown =
  /** A violation: what is not known proves nothing. For gates, whose case must be whole before anything moves. */
  | "closed"
  /** Listed as not evaluated; the update judges it, before the resource is touched. */
  | "later"
  /** Whatever it will be, it is what the rule asks for, such as the id of a resource that is still to be made. */
  | "fits";

/** What a rule says of itself, beside what the SDK asks for. */
interface About {
  /** `<area>-<verb>-<thing>`, as its file. */
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly severity: Severity;
  readonly enforcementLevel: EnforcementLevel;
  /** How to mend what it finds. */
  readonly remediationSteps: string;
  /** The clause of the project's source documents that this enforces: document and clause, in our words. */
  readonly seed: string;
  /** Ids of the checks of Checkov (CKV…), Trivy (AWS-…, DS-…) and KICS that ask for the same. */
  readonly equivalents?: readonly string[];
  readonly unknown: WhenUnknown;
  /** False: no waiver, whoever signed it, opens this gate. */
  readonly waivable: boolean;
}

export type Rule = (ResourceValidationPolicy | StackValidationPolicy) & About & { readonly url: string };

export type Options = Record<string, PolicyConfigSchema["properties"][string] & { default: unknown }>;

/** A rule's configuration, read. */
export type Configured<O extends Options> = { readonly [K in keyof O]: O[K]["default"] };

/** A resource as the engine names it. */
interface Named {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly opts: PolicyResourceOptions;
}

export interface ResourceContext<O extends Options> extends Named {
  readonly options: Configured<O>;
  readonly now: Date;
  /** Says something that is no violation, as an advisory. */
  tell(this: void, message: string): void;
}

export interface ResourceRule<O extends Options> extends About {
  /** Types such as `docker:index/container:Container`; `"all"` judges every resource. One type costs least: others are not even decoded. */
  readonly types: readonly [string, ...string[]] | "all";
  /** The settings, each with a description and a default. */
  readonly options?: O;
  /** Yields a message for each thing wrong. Values that only the update will know are `notKnown` in `properties`. */
  readonly check: (properties: Properties, context: ResourceContext<O>) => Iterable<string>;
  /** Runs at the level "remediate" only, on what arrived; answers the properties to take in their place, if any. */
  readonly remediate?: ResourceRemediation;
}

/** A resource of a whole stack; what it depends on are resources alike. */
export interface StackResource extends Named {
  readonly properties: Properties;
  readonly parent: StackResource | undefined;
  readonly dependencies: readonly StackResource[];
  /** What the value of a property depends on. */
  uses(property: string): readonly StackResource[];
}

export interface StackContext<O extends Options> {
  readonly options: Configured<O>;
  readonly now: Date;
}

export interface StackFinding {
  readonly message: string;
  /** The resource that it is about; the stack when it is about one that is not there. */
  readonly resource?: StackResource;
}

export interface StackRule<O extends Options> extends About {
  readonly options?: O;
  readonly check: (resources: readonly StackResource[], context: StackContext<O>) => Iterable<StackFinding>;
}

/** A rule that judges resources one by one, before each is touched. */
export function resourceRule<O extends Options = Record<never, never>>({
  types,
  options,
  check,
  remediate,
  ...about
}: ResourceRule<O>): Rule {
  const only = types !== "all" && types.length === 1 ? types[0] : undefined;
  const validate: ResourceValidation = (args, reportViolation) => {
    if (types !== "all" && !types.includes(args.type)) args.notApplicable(`Only for ${types.join(", ")}`);
    const { type, name, urn, opts } = args;
    const run = new Run(about, reportViolation);
    run.judge(urn, function* () {
      const properties = copyKnown(args.props, (path) => run.note(args, path));
      const context = {
        ...{ type, name, urn, opts },
        options: readOptions(options, args),
        now: new Date(),
        tell: (message: string) => run.send(message, urn, "advisory"),
      };
      for (const message of check(properties, context)) yield { message, urn, name };
    });
  };
  return {
    ...describe(about, options),
    validateResource: only === undefined ? validate : onlyFor(only, validate),
    ...(remediate && { remediateResource: only === undefined ? remediate : onlyFor(only, remediate) }),
  };
}

/** A rule that judges the whole stack: for what must not be missing. In an update it comes after everything; in preview before. */
export function stackRule<O extends Options = Record<never, never>>({
  options,
  check,
  ...about
}: StackRule<O>): Rule {
  return {
    ...describe(about, options),
    validateStack: (args, reportViolation) => {
      const run = new Run(about, reportViolation);
      run.judge(undefined, function* () {
        const resources = linkResources(args.resources, run);
        const context = { options: readOptions(options, args), now: new Date() };
        for (const { message, resource } of check(resources, context))
          yield { message, urn: resource?.urn, name: resource?.name ?? "" };
      });
    },
  };
}

/** A list of texts in a rule's configuration. */
export function texts(description: string, preset: readonly string[]) {
  return { type: "array" as const, items: { type: "string" as const }, description, default: preset };
}

/** A number in a rule's configuration, from `minimum` on. */
export function amount(description: string, minimum: number, preset: number) {
  return { type: "number" as const, minimum, description, default: preset };
}

/** A switch in a rule's configuration. */
export function toggle(description: string, preset: boolean) {
  return { type: "boolean" as const, description, default: preset };
}

/** Who may sign waivers and approvals: the same persons in every rule that asks. */
export const approvers = {
  type: "object" as const,
  additionalProperties: { type: "string" as const },
  description:
    "Persons who may sign, by e-mail address, each with an Ed25519 public key: SPKI in PEM, or 32 bytes in base64.",
  default: {} as Readonly<Record<string, string>>,
};

/** How a violation that a waiver covers begins; it is advisory then. */
export const waivedPrefix = "Waived";

/** One run of one rule. */
class Run {
  private readonly unknowns = new Map<string, { name: string; paths: Set<string> }>();

  constructor(
    private readonly about: About,
    private readonly report: ReportViolation,
  ) {}

  note({ urn, name }: { urn: string; name: string }, path: string): void {
    const known = this.unknowns.get(urn) ?? { name, paths: new Set() };
    known.paths.add(path);
    this.unknowns.set(urn, known);
  }

  judge(
    urn: string | undefined,
    find: () => Iterable<{ message: string; urn: string | undefined; name: string }>,
  ): void {
    try {
      for (const finding of find()) this.tell(finding.message, finding.urn, finding.name);
    } catch (error) {
      const message = `This rule failed (${placeOf(error)}), so nothing is known about the resource. Allowed: a rule that comes to an end. It is a fault of the policy pack: report it.`;
      this.send(message, urn, "mandatory");
    }
    for (const [of, { name, paths }] of this.unknowns) this.settle(of, name, [...paths].sort());
  }

  private settle(urn: string, name: string, paths: readonly string[]): void {
    if (this.about.unknown === "later") noteNotEvaluated({ rule: this.about.name, name, paths });
    if (this.about.unknown !== "closed") return;
    this.tell(
      `"${name}" does not know ${paths.join(", ")} before the update. Allowed: values that are known in preview. Take them from files or configuration, not from a resource.`,
      urn,
      name,
    );
  }

  private tell(message: string, urn: string | undefined, name: string): void {
    const waiver = this.about.waivable ? findWaiver(this.about.name, urn ?? "", name) : undefined;
    if (waiver === undefined) this.report(message, urn);
    else this.send(`${waivedBy(waiver)}: ${message}`, urn, "advisory");
  }

  /** At a level that is not the rule's own: the SDK takes it in this form, though its type does not say so. */
  send(message: string, urn: string | undefined, enforcementLevel: EnforcementLevel): void {
    const violation = { message: `${this.about.description}\n${message}`, urn, enforcementLevel };
    (this.report as (violation: unknown) => void)(violation);
  }
}

function waivedBy({ approver, ticket, expiresOn }: ActiveWaiver): string {
  return `${waivedPrefix} by ${approver} until ${expiresOn} (${ticket})`;
}

/** The kind of an error and where it arose. Its message is left out: it may quote a secret. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return "it threw no error";
  const frame = /\n\s+at [^\n]*?([\w.-]+:\d+):\d+\)?(?=\n|$)/.exec(error.stack ?? "")?.[1];
  return frame === undefined ? error.name : `${error.name} at ${frame}`;
}

function describe(about: About, options: Options | undefined) {
  declareRule(about.name, about.waivable);
  return {
    ...about,
    url: `docs/policy.md#${about.name}`,
    ...(options && { configSchema: { properties: options } as PolicyConfigSchema }),
  };
}

/** Marks a function as the SDK marks its own: it then skips other types before it decodes their properties. */
function onlyFor<F extends object>(type: string, run: F): F {
  return Object.assign(run, { __pulumiType: type });
}

/** The engine checks what is given against the schema and fills in the defaults; where none did, or a value is of another type, the default holds. */
function readOptions<O extends Options>(
  options: O | undefined,
  args: Pick<ResourceValidationArgs, "getConfig">,
): Configured<O> {
  const given = args.getConfig<Record<string, unknown>>();
  const value = (key: string, preset: unknown): unknown => {
    const own = given[key];
    return typeof own === typeof preset && Array.isArray(own) === Array.isArray(preset) ? own : preset;
  };
  const entries = Object.entries(options ?? {}).map(([key, { default: preset }]) => [
    key,
    value(key, preset),
  ]);
  return Object.fromEntries(entries) as Configured<O>;
}

/** Resources by way of getters: what no rule reads is not copied. */
function linkResources(resources: readonly PolicyResource[], run: Run): StackResource[] {
  const linked = new Map<PolicyResource, StackResource>();
  const link = (some: readonly PolicyResource[]) =>
    some.flatMap((one) => {
      const other = linked.get(one);
      return other === undefined ? [] : [other];
    });
  for (const resource of resources) {
    const { type, name, urn, opts } = resource;
    let properties: Properties | undefined;
    linked.set(resource, {
      ...{ type, name, urn, opts },
      get properties() {
        return (properties ??= copyKnown(resource.props, (path) => run.note(resource, path)));
      },
      get parent() {
        return resource.parent && linked.get(resource.parent);
      },
      get dependencies() {
        return link(resource.dependencies);
      },
      uses: (property) => link(resource.propertyDependencies[property] ?? []),
    });
  }
  return [...linked.values()];
}
