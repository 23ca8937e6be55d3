/**
 * Which values of a resource are marked secret. A validation is given plain values: the SDK takes the mark off before. Only a remediation sees it, so a rule that
 * must know has one that changes nothing and notes paths, for the validation that follows it. It runs at the level "remediate", at which violations count as
 * mandatory. Paths only: no value is kept.
 */
import { Secret, type ResourceRemediation } from "@pulumi/policy";
import type { Properties } from "./known";

type Remediated = Parameters<ResourceRemediation>[0];

const notes = new Map<string, ReadonlySet<string>>();

/** Notes the paths of what is marked secret, such as `environment.variables.TOKEN`, and changes nothing. */
export function noteSecrets({ urn, props }: Remediated): undefined {
  notes.delete(urn);
  const properties = unwrap(props);
  if (properties === undefined) return;
  const paths = new Set<string>();
  collect(properties, "", paths);
  notes.set(urn, paths);
}

/** The paths that were noted, once; undefined where no remediation ran. */
export function takeSecrets(urn: string): ReadonlySet<string> | undefined {
  const paths = notes.get(urn);
  notes.delete(urn);
  return paths;
}

function collect(value: unknown, path: string, paths: Set<string>): void {
  if (value instanceof Secret) paths.add(path);
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value))
      collect(inner, path === "" ? key : `${path}.${key}`, paths);
  }
}

/** A remediation's properties as they arrived, with `Secret` around what is secret; undefined when the SDK does not show them. */
export function unwrap(props: Record<string, unknown>): Properties | undefined {
  let inner = props;
  while (inner["__isSpecialProxy"] === true)
    inner = inner["__getSpecialProxyTarget"] as Record<string, unknown>;
  return inner === props ? undefined : inner;
}
