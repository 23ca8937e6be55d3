import * as z from "zod";
import { environmentName, serviceName, version } from "./words";

/** Inputs of `slipway:index:Milestone`: what was reached. */
export const milestoneSchema = z.strictObject({
  environment: environmentName,
  service: serviceName,
  version,
  /** What it waits for; another one is reached anew. */
  after: z.string({ error: "the id of what it waits for" }),
});
export type MilestoneInputs = z.infer<typeof milestoneSchema>;
