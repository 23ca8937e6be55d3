import type { ResourceKind } from "../resource";
import { type MilestoneInputs, milestoneSchema } from "../schema/milestone";

interface Reached {
  /** ISO time. */
  readonly reachedAt: string;
}

/** When a version was first seen to be live and well: the time of its creation, kept while it stays the same. */
export const milestone: ResourceKind<MilestoneInputs, Reached> = {
  schema: milestoneSchema,
  identity: ["environment", "service"],
  id: ({ environment, service }) => `${environment}/${service}`,
  create: async () => now(),
  update: async ({ version, after }, old) =>
    version === old.version && after === old.after ? { reachedAt: old.reachedAt } : now(),
  delete: async () => undefined,
  read: async ({ reachedAt }) => ({ reachedAt }),
};

const now = (): Reached => ({ reachedAt: new Date().toISOString() });
