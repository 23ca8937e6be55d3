/** Names of resources and of providers. */
import type { ProviderReference, Urn } from "../model";

export const STACK_TYPE = "pulumi:pulumi:Stack";
const PROVIDER_TYPE_PREFIX = "pulumi:providers:";

interface UrnParts {
  stack: string;
  project: string;
  /** The types of all parents but the stack, and its own, joined by "$". */
  qualifiedType: string;
  /** All the rest: it may itself contain "::". */
  name: string;
}

export function splitUrn(urn: Urn): UrnParts {
  const match = /^urn:pulumi:(.*?)::(.*?)::(.*?)::(.*)$/s.exec(urn);
  if (!match) throw new Error(`"${urn}" is not a URN`);
  const [, stack = "", project = "", qualifiedType = "", name = ""] = match;
  return { stack, project, qualifiedType, name };
}

export function makeUrn(
  stack: string,
  project: string,
  parent: Urn | undefined,
  type: string,
  name: string,
): Urn {
  const parentType = parent === undefined ? STACK_TYPE : splitUrn(parent).qualifiedType;
  const qualifiedType = parentType === STACK_TYPE ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualifiedType}::${name}`;
}

export const nameOf = (urn: Urn): string => splitUrn(urn).name;

export function typeOf(urn: Urn): string {
  const { qualifiedType } = splitUrn(urn);
  return qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1);
}

/** The stack itself is in no other resource's URN. */
export const isStackUrn = (urn: Urn): boolean => splitUrn(urn).qualifiedType === STACK_TYPE;

/** The package that a resource type or a function token belongs to. */
export const packageOf = (token: string): string => token.slice(0, token.indexOf(":"));

export const isProviderType = (type: string): boolean => type.startsWith(PROVIDER_TYPE_PREFIX);
export const providerType = (packageName: string): string => PROVIDER_TYPE_PREFIX + packageName;
/** The package that a provider resource of this type serves. */
export const providedPackage = (type: string): string => type.slice(PROVIDER_TYPE_PREFIX.length);

/** Providers that the engine registers by itself: they are neither shown nor counted. */
export const isDefaultProvider = (urn: Urn): boolean =>
  isProviderType(typeOf(urn)) && nameOf(urn).startsWith("default");

export const makeReference = (urn: Urn, id: string): ProviderReference => `${urn}::${id}`;

export function splitReference(reference: ProviderReference): { urn: Urn; id: string } {
  const end = reference.lastIndexOf("::");
  if (end < 0) throw new Error(`"${reference}" is not a provider reference`);
  return { urn: reference.slice(0, end), id: reference.slice(end + 2) };
}
