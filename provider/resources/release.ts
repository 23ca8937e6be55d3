import { stampFault } from "../../policy/stamp";
import type { ResourceKind } from "../resource";
import { type ReleaseInputs, releaseSchema } from "../schema/release";

/**
 * The first resource of a deployment. It does nothing but be in the state with the whole case for this release; the policy pack's
 * gating rules judge it, and all other resources depend on it. Without the pack's stamp it is neither made nor changed, nor previewed.
 */
export const release: ResourceKind<ReleaseInputs, object> = {
  schema: releaseSchema,
  identity: ["service", "version", "commit"],
  id: ({ service, version, commit }) => `${service}-${version}-${commit.slice(0, 12)}`,
  foresee: requireStamp,
  create: async (inputs) => requireStamp(inputs),
  update: async (inputs) => requireStamp(inputs),
  delete: async () => undefined,
  read: async () => ({}),
};

function requireStamp(inputs: object): Record<never, never> {
  const fault = stampFault(inputs as Readonly<Record<string, unknown>>);
  if (fault !== undefined) throw new Error(fault);
  return {};
}
