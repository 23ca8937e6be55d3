import type { StoredResource } from "./serialize";

/**
 * The first fault of the list, or undefined: what a resource refers to must come before it, and there is one of each URN beside those
 * to be deleted. Rules and messages are the CLI's (pkg/resource/stack/snapshot/integrity.go).
 */
export function integrityFault(resources: readonly StoredResource[]): string | undefined {
  const seen = new Set<string>();
  const live = new Set<string>();
  const providers = new Set<string>();
  for (const resource of resources) {
    const { urn, type, id, provider } = resource;
    if (!resource.custom && id) return `resource '${urn}' has 'custom false but non-empty ID`;
    if (type.startsWith("pulumi:providers:")) {
      if (!isUrn(urn)) return `provider ${urn} is not referenceable: it has no valid URN`;
      providers.add(`${urn}::${id ?? ""}`);
    }
    if (provider && !isUrn(provider.slice(0, provider.lastIndexOf("::")))) {
      return `failed to parse provider reference for resource ${urn}: '${provider}' is not <URN>::<ID>`;
    }
    if (provider && !providers.has(provider) && resource.pendingReplacement !== true) {
      return `resource ${urn} refers to unknown provider ${provider}`;
    }
    for (const { target, missing, late } of references(resource)) {
      if (seen.has(target)) continue;
      return resources.some((other) => other.urn === target) ? late : missing;
    }
    seen.add(urn);
    if (resource.delete === true) continue;
    if (live.has(urn)) return `duplicate resource ${urn} (not marked for deletion)`;
    live.add(urn);
  }
  return undefined;
}

/** What a resource refers to, with what to say when that is nowhere in the list or only later. */
function* references(resource: StoredResource): Generator<{ target: string; missing: string; late: string }> {
  const { urn, parent, deletedWith } = resource;
  if (parent) {
    const child = `child resource ${urn}`;
    yield {
      target: parent,
      missing: `${child} refers to missing parent ${parent}`,
      late: `${child}'s parent ${parent} comes after it`,
    };
  }
  for (const [kind, targets] of [
    ["dependency", resource.dependencies ?? []],
    ["property dependency", Object.values(resource.propertyDependencies ?? {}).flatMap((list) => list ?? [])],
  ] as const) {
    for (const target of targets) {
      const missing = `resource ${urn} refers to missing ${kind} ${target}`;
      yield { target, missing, late: `resource ${urn}'s ${kind} ${target} comes after it` };
    }
  }
  for (const [how, targets] of [
    ["deleted", deletedWith ? [deletedWith] : []],
    ["replaced", resource.replaceWith ?? []],
  ] as const) {
    for (const target of targets) {
      const relation = `resource ${urn} is specified as being ${how} with ${target}, which`;
      yield { target, missing: `${relation} is missing`, late: `${relation} comes after it` };
    }
  }
}

function isUrn(text: string): boolean {
  return text.startsWith("urn:") && text.split("::").length >= 4;
}
