/** How traffic moves to a new version: a union on `kind`. The stacks' configuration and the Rollout share it. */
import * as z from "zod";
import { seconds } from "./words";

const percent = (least: number, most: number) => {
  const error = `a whole number of percent from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const amount = (least: number, most: number) => {
  const error = `a number from ${least} to ${most}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
};

/** When a version that has traffic is good enough; without one, only its health counts. */
export const analysisSchema = z.strictObject(
  {
    /** Fewer answers than this say nothing: the verdict is inconclusive. */
    minRequests: amount(1, 1_000_000).default(50),
    /** Answers of 5xx, and requests that had to be sent again, in percent of the version's requests. */
    maxErrorPercent: amount(0, 100).default(1),
    /** The version's p95 latency at most, as a multiple of the stable version's in the same window. */
    maxP95Ratio: amount(1, 100).default(1.5),
    /** Differences below this are noise, whatever the ratio. */
    p95SlackMilliseconds: amount(0, 60_000).default(50),
    /** How long an inconclusive step waits for more requests, after its bake, before it is aborted. */
    pauseSeconds: seconds(0, 86_400).default(300),
  },
  {
    error:
      "an object of thresholds {minRequests, maxErrorPercent, maxP95Ratio, p95SlackMilliseconds, pauseSeconds}",
  },
);
export type Analysis = z.infer<typeof analysisSchema>;

const analysis = analysisSchema.optional();
/** How long a version keeps its share of the traffic before the next step. */
const bakeSeconds = seconds(0, 86_400);

const weightsAllowed = "weights in percent, rising, the last of them 100, such as [5, 25, 50, 100]";
const weights = z
  .array(percent(1, 100), { error: weightsAllowed })
  .refine((list) => list.at(-1) === 100 && list.every((weight, index) => weight > (list[index - 1] ?? 0)), {
    error: weightsAllowed,
  });

const kinds = '"direct", "blue-green", "canary" or "rolling"';

export const strategySchema = z.discriminatedUnion(
  "kind",
  [
    /** All traffic in one step; nothing is kept warm. */
    z.strictObject({ kind: z.literal("direct") }),
    /** All traffic in one step, then a bake; the old version stays warm. */
    z.strictObject({ kind: z.literal("blue-green"), bakeSeconds: bakeSeconds.default(30), analysis }),
    /** A growing share of the traffic, a bake at each. */
    z.strictObject({
      kind: z.literal("canary"),
      steps: weights.default([5, 25, 50, 100]),
      bakeSeconds: bakeSeconds.default(60),
      analysis,
      /** True: a client stays with the version it met first (a cookie), as long as the shares allow. */
      sticky: z.boolean({ error: "true or false" }).default(false),
    }),
    /** One replica's share at a time, the old replica drained with it. */
    z.strictObject({ kind: z.literal("rolling"), bakeSeconds: bakeSeconds.default(0), analysis }),
  ],
  { error: `an object with the kind ${kinds}` },
);
export type Strategy = z.infer<typeof strategySchema>;
export type StrategyKind = Strategy["kind"];
