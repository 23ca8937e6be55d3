/** The visits, counted in Redis. */
import type { Redis } from "./redis";

export interface Visits {
  /** Throws when Redis does not answer. */
  ping(): Promise<void>;
  /** Counts one visit and returns how many there were with it. */
  count(): Promise<number>;
}

export function visitsIn(redis: Redis): Visits {
  return {
    async ping() {
      await redis.ping();
    },
    count: () => redis.incr("visits"),
  };
}
