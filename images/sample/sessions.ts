/** Who is signed in: a random token in a cookie, known to Redis for a day from the last sign-in on. */
import { createHash, randomBytes } from "node:crypto";
import type { Redis } from "./redis";

export interface Sessions {
  /** Signs someone in; answers the token. */
  open(name: string): Promise<string>;
  /** Who signed in with this token; null when nobody did, or too long ago. */
  nameOf(token: string): Promise<string | null>;
}

const secondsPerDay = 86_400;
const cookieName = "session";

export function sessionsIn(redis: Redis): Sessions {
  // What Redis has opens no session to those who read it.
  const key = (token: string): string => `session:${createHash("sha256").update(token).digest("base64url")}`;
  return {
    async open(name) {
      const token = randomBytes(32).toString("base64url");
      await redis.setEx(key(token), secondsPerDay, name);
      return token;
    },
    nameOf: (token) => redis.get(key(token)),
  };
}

/** The token in a request's Cookie header. */
export function tokenIn(cookies: string | undefined): string | undefined {
  return cookies
    ?.split(";")
    .map((cookie) => cookie.trim().split("="))
    .find(([name]) => name === cookieName)?.[1];
}

/**
 * The Set-Cookie header for a token: out of reach for scripts, and not sent with what other sites make a browser post.
 *
 * @param https whether the browser came over HTTPS; then the cookie is never sent without
 */
export function sessionCookie(token: string, https: boolean): string {
  const attributes = ["Path=/", `Max-Age=${secondsPerDay}`, "HttpOnly", "SameSite=Lax"];
  return [`${cookieName}=${token}`, ...attributes, ...(https ? ["Secure"] : [])].join("; ");
}
