import type { ResourceKind } from "../resource";
import { type ReleaseInputs, releaseSchema } from "../schema/release";

/**
 * The first resource of a deployment. It does nothing but be in the state with the whole case for this release; the policy pack's
 * gating rules judge it, and all other resources depend on it.
 */
export const release: ResourceKind<ReleaseInputs, object> = {
  schema: releaseSchema,
  identity: ["service", "version", "commit"],
  id: ({ service, version, commit }) => `${service}-${version}-${commit.slice(0, 12)}`,
  create: async () => ({}),
  update: async () => ({}),
  delete: async () => undefined,
  read: async () => ({}),
};
