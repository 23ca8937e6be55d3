/** The service's HTTP interface. It knows no Postgres and no Redis, only what it needs of them. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { readBody } from "./body";
import type { Config } from "./config";
import { parseEntry, parseName, type Entry } from "./entry";
import type { GuestBook } from "./guest-book";
import { reason, type Log } from "./log";
import { contentSecurityPolicy, renderPage } from "./page";
import { sessionCookie, tokenIn, type Sessions } from "./sessions";
import type { Visits } from "./visits";

export interface AppOptions {
  guestBook: Pick<GuestBook, "ping" | "add" | "latest">;
  visits: Visits;
  sessions: Sessions;
  /** Tells of a new entry. */
  announce(entry: Entry): void;
  /** What `/version` shows of the configuration. */
  release: Pick<Config, "version" | "commit" | "featureFlags" | "toggles">;
  /** Why the service takes no traffic now, whatever its dependencies say; undefined when nothing is in the way. */
  notReady(): string | undefined;
  log: Log;
  /** The service leaves: every answer ends its connection. */
  draining(): boolean;
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** An object goes out as JSON, a text as HTML. */
  body: object | string;
}

type Handler = (request: IncomingMessage, url: URL) => Promise<Answer> | Answer;

const slowLimitMs = 10_000;
const unlogged = new Set(["/healthz", "/readyz"]);
/** The gateway logs every request; a line here is for those that say something about this service. */
const tellingMs = 1_000;

export function createApp(options: AppOptions): RequestListener {
  const { guestBook, visits, sessions, release, log } = options;
  const { version, commit, featureFlags } = release;
  const startedAt = new Date().toISOString();

  async function ready(): Promise<Answer> {
    const notReady = options.notReady();
    if (notReady !== undefined) return { status: 503, body: { status: "not ready", reason: notReady } };
    const [postgres, redis] = await Promise.all([check(guestBook), check(visits)]);
    const ok = postgres === "ok" && redis === "ok";
    return { status: ok ? 200 : 503, body: { status: ok ? "ready" : "not ready", postgres, redis } };
  }

  async function signedIn(request: IncomingMessage): Promise<string | null> {
    const token = tokenIn(request.headers.cookie);
    return token === undefined ? null : sessions.nameOf(token);
  }

  async function page(request: IncomingMessage, status = 200, fault?: string): Promise<Answer> {
    const [count, entries, user] = await Promise.all([visits.count(), guestBook.latest(), signedIn(request)]);
    const content = {
      user,
      visits: count,
      entries: featureFlags.newestLast ? [...entries].reverse() : entries,
      version,
      commit,
      ...(fault === undefined ? {} : { fault }),
    };
    return {
      status,
      headers: { "content-security-policy": contentSecurityPolicy },
      body: renderPage(content),
    };
  }

  async function addEntry(request: IncomingMessage): Promise<Answer> {
    const body = await readBody(request);
    if ("status" in body) return { status: body.status, body: { error: body.error } };
    const entry = parseEntry(body.value);
    const fromForm = body.kind === "form";
    if (typeof entry === "string") {
      return fromForm ? page(request, 422, entry) : { status: 422, body: { error: entry } };
    }
    const added: Entry = await guestBook.add(entry);
    options.announce(added);
    return fromForm ? { status: 303, headers: { location: "/" }, body: "" } : { status: 201, body: added };
  }

  async function signIn(request: IncomingMessage): Promise<Answer> {
    const body = await readBody(request);
    if ("status" in body) return { status: body.status, body: { error: body.error } };
    const user = parseName(body.value);
    const fromForm = body.kind === "form";
    if (typeof user === "string") {
      return fromForm ? page(request, 422, user) : { status: 422, body: { error: user } };
    }
    const https = request.headers["x-forwarded-proto"] === "https";
    const headers = { "set-cookie": sessionCookie(await sessions.open(user.name), https) };
    return fromForm
      ? { status: 303, headers: { ...headers, location: "/" }, body: "" }
      : { status: 201, headers, body: user };
  }

  async function session(request: IncomingMessage): Promise<Answer> {
    const name = await signedIn(request);
    return name === null
      ? { status: 401, body: { error: "not signed in" } }
      : { status: 200, body: { name } };
  }

  async function slow(_: IncomingMessage, url: URL): Promise<Answer> {
    const text = url.searchParams.get("ms") ?? "1000";
    const ms = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
    if (!(ms <= slowLimitMs)) {
      return { status: 400, body: { error: `ms is "${text}", not a whole number from 0 to ${slowLimitMs}` } };
    }
    await sleep(ms);
    return { status: 200, body: { waitedMs: ms, version } };
  }

  const routes: Record<string, Record<string, Handler>> = {
    "/": { GET: (request) => page(request) },
    "/entries": {
      GET: async () => ({ status: 200, body: await guestBook.latest() }),
      POST: addEntry,
    },
    "/healthz": { GET: () => ({ status: 200, body: { status: "live" } }) },
    "/readyz": { GET: ready },
    "/session": { GET: session, POST: signIn },
    "/slow": { GET: slow },
    "/version": { GET: () => ({ status: 200, body: { ...release, startedAt } }) },
  };

  async function answer(request: IncomingMessage, url: URL): Promise<Answer> {
    const route = routes[url.pathname];
    if (!route) return { status: 404, body: { error: "not found" } };
    const handler = route[request.method === "HEAD" ? "GET" : (request.method ?? "")];
    if (!handler) {
      const allow = Object.keys(route).join(", ");
      return { status: 405, headers: { allow }, body: { error: `method not allowed; use ${allow}` } };
    }
    try {
      return await handler(request, url);
    } catch (error) {
      log("error", "request failed", { path: url.pathname, reason: reason(error) });
      return { status: 503, body: { error: "a dependency does not answer; /readyz says which" } };
    }
  }

  return (request, response) => {
    const startedMs = performance.now();
    // Only path and query count; the base makes the URL whole, and a path that is none is answered like any unknown one.
    const url = URL.canParse(request.url ?? "", "http://sample")
      ? new URL(request.url ?? "", "http://sample")
      : new URL("http://sample/404");
    void answer(request, url).then((result) => {
      const headers = { "x-app-version": version, ...(options.draining() ? { connection: "close" } : {}) };
      send(response, result, headers);
      const durationMs = Math.round(performance.now() - startedMs);
      if (unlogged.has(url.pathname) || (result.status < 500 && durationMs < tellingMs)) return;
      log("info", "request", {
        method: request.method,
        path: url.pathname,
        status: result.status,
        durationMs,
      });
    });
  };
}

async function check(dependency: { ping(): Promise<void> }): Promise<string> {
  try {
    await dependency.ping();
    return "ok";
  } catch (error) {
    return `failed: ${reason(error)}`;
  }
}

function send(
  response: ServerResponse,
  { status, headers = {}, body }: Answer,
  common: Record<string, string>,
): void {
  const html = typeof body === "string";
  const text = html ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "content-type": html ? "text/html; charset=utf-8" : "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
    ...common,
  });
  // Node leaves the body out of the answer to HEAD by itself.
  response.end(text);
}
