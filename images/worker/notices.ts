/** What the operators tell the users: rows of D1, read at most every 30 seconds in each of Cloudflare's places. */
import { edgeCache, writeLog, type Context, type Env } from "./runtime";

export interface Notice {
  readonly message: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

export const cacheSeconds = 30;
/** More than a page has room for helps nobody. */
const limit = 5;
const query = `SELECT message, starts_at AS startsAt, ends_at AS endsAt FROM notices
  WHERE starts_at <= ?1 AND ends_at > ?1 ORDER BY starts_at, id LIMIT ${limit}`;

/**
 * The notices of now, oldest first. None when D1 does not answer or has no such table yet: users get their page all the same, and the
 * Worker's log says why.
 *
 * @param origin the address that the cache is kept under: a Worker can cache for its own host name only
 */
export async function currentNotices(origin: string, env: Env, context: Context): Promise<Notice[]> {
  const key = `${origin}/notices`;
  try {
    const cached = await edgeCache().match(key);
    if (cached !== undefined) return (await cached.json()) as Notice[];
    const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const { results } = await env.DB.prepare(query).bind(now).all<Notice>();
    const fresh = Response.json(results, { headers: { "cache-control": `max-age=${cacheSeconds}` } });
    context.waitUntil(edgeCache().put(key, fresh));
    return results;
  } catch (error) {
    report("notices not read", error);
    return [];
  }
}

/** One JSON object, as the service's log has them; it goes to Workers Logs. */
export function report(message: string, error: unknown): void {
  writeLog(JSON.stringify({ level: "error", message, reason: (error as Error).message }));
}
