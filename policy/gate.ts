/** The gates: rules about a Release, the first resource of a deployment, which stop it before anything is touched. */
import { textOf, type Properties } from "./known";
import {
  resourceRule,
  texts,
  type Options,
  type ResourceContext,
  type ResourceRule,
  type Rule,
} from "./rule";

export const releaseType = "slipway:index:Release";

/** Where a gate stands unless a stack's configuration says otherwise. */
export const everywhere = ["local", "staging", "production"] as const;

type GateOptions<O extends Options> = O & { environments: ReturnType<typeof texts> };

interface Gate<O extends Options> extends Omit<
  ResourceRule<O>,
  "types" | "unknown" | "remediate" | "check" | "enforcementLevel"
> {
  readonly environments: readonly string[];
  /** Yields what is wrong as the end of a sentence that begins with the release. */
  readonly check: (release: Properties, context: ResourceContext<GateOptions<O>>) => Iterable<string>;
  readonly enforcementLevel?: ResourceRule<O>["enforcementLevel"];
}

/**
 * A gate is closed to what is not known, and open to the way back: a rollback's version passed when it was released, and neither age nor a lost file may
 * keep it from coming back (`release-require-known-rollback` binds it).
 */
export function releaseGate<O extends Options = Record<never, never>>({
  environments,
  options,
  check,
  ...about
}: Gate<O>): Rule {
  const all = {
    ...options,
    environments: texts("The environments whose releases are asked for this.", environments),
  } as GateOptions<O>;
  return resourceRule<GateOptions<O>>({
    enforcementLevel: "mandatory",
    ...about,
    unknown: "closed",
    types: [releaseType],
    options: all,
    *check(release, context) {
      const asked = context.options.environments as readonly string[];
      if (release["rollback"] === true || !asked.includes(textOf(release["environment"]))) return;
      for (const fault of check(release, context)) yield `Release "${context.name}" ${fault}`;
    },
  });
}
