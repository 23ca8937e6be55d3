/**
 * What runs at Cloudflare, before the service: tells the operators' notices (`/notices`, and on every page), shows a page of its own while
 * the service does not answer, and sees to the headers that browsers guard users by. Everything else passes through untouched.
 */
import { cacheSeconds, currentNotices, report } from "./notices";
import { renderNotices, renderUnavailable } from "./pages";
import { prependToMain, type Context, type Env } from "./runtime";

const securityHeaders = {
  "referrer-policy": "strict-origin-when-cross-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "cross-origin-opener-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** The service is behind a gateway that answers these in its place, or Cloudflare (520 on) did not reach that. */
const unavailable = (status: number): boolean => (status >= 502 && status <= 504) || status >= 520;

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const url = new URL(request.url);
    const response =
      url.pathname === "/notices"
        ? await notices(request, url, env, context)
        : await passThrough(request, url, env, context);
    // The start of a WebSocket cannot be copied.
    return response.status === 101 ? response : guarded(response, env);
  },
};

async function notices(request: Request, url: URL, env: Env, context: Context): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return Response.json(
      { error: "method not allowed; use GET" },
      { status: 405, headers: { allow: "GET" } },
    );
  }
  return Response.json(await currentNotices(url.origin, env, context), {
    headers: { "cache-control": `public, max-age=${cacheSeconds}` },
  });
}

async function passThrough(request: Request, url: URL, env: Env, context: Context): Promise<Response> {
  const response = await fetch(request).catch((error: unknown) => {
    report("the service was not reached", error);
    return Response.json({ error: "the service was not reached" }, { status: 502 });
  });
  const forPeople = request.headers.get("accept")?.includes("text/html") ?? false;
  if (unavailable(response.status) && forPeople) {
    return new Response(renderUnavailable(await currentNotices(url.origin, env, context)), {
      status: 503,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "retry-after": "30",
      },
    });
  }
  const page = response.headers.get("content-type")?.startsWith("text/html") ?? false;
  if (!page) return response;
  const current = await currentNotices(url.origin, env, context);
  return current.length === 0 ? response : prependToMain(response, renderNotices(current));
}

/** The headers that the service did not set itself, and which version of this Worker it was. */
function guarded(response: Response, env: Env): Response {
  const answer = new Response(response.body, response);
  for (const [name, value] of Object.entries(securityHeaders)) {
    if (!answer.headers.has(name)) answer.headers.set(name, value);
  }
  answer.headers.set("x-edge-version", env.VERSION.tag || env.VERSION.id);
  return answer;
}
