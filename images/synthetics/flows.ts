/** The service's three key flows as a user walks through them, over HTTP: the homepage, signing in, writing an entry and seeing it. */
import { randomUUID } from "node:crypto";

const homepageLimitMs = 2_000;
const requestLimitMs = 10_000;
const name = "Synthetic check";

/**
 * Walks through all flows, also after one failed, since their failures differ in meaning.
 *
 * @param baseUrl where the service is, without a slash at its end
 * @param limitMs how long the homepage may take, to its last byte
 * @returns what is wrong, one sentence for every flow that failed; empty when all passed
 */
export async function faultsOfFlows(baseUrl: string, limitMs: number): Promise<string[]> {
  const browser = new Browser(baseUrl, limitMs);
  const faults: string[] = [];
  for (const [flow, walk] of [
    ["homepage", homepage],
    ["sign-in", signIn],
    ["writing an entry", writeEntry],
  ] as const) {
    try {
      await walk(browser);
    } catch (error) {
      faults.push(`${flow}: ${(error as Error).message}`);
    }
  }
  return faults;
}

/** Keeps the session's cookie from one request to the next. */
class Browser {
  private cookie = "";

  constructor(
    private readonly baseUrl: string,
    readonly homepageLimitMs: number,
  ) {}

  /** The answer's text. Throws unless the status is the one expected. */
  async ask(method: "GET" | "POST", path: string, expected: number, body?: object): Promise<string> {
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: {
        "user-agent": "slipway-synthetics",
        ...(this.cookie === "" ? {} : { cookie: this.cookie }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      signal: AbortSignal.timeout(requestLimitMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status !== expected) {
      throw new Error(`${method} ${path} answered ${response.status}, not ${expected}`);
    }
    this.cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? this.cookie;
    return text;
  }
}

async function homepage(browser: Browser): Promise<void> {
  const startedMs = performance.now();
  const html = await browser.ask("GET", "/", 200);
  const tookMs = Math.round(performance.now() - startedMs);
  if (!html.includes("<h1>Guest book</h1>")) throw new Error("GET / is not the guest book's page");
  if (tookMs > browser.homepageLimitMs) {
    throw new Error(`GET / took ${tookMs} ms, more than ${browser.homepageLimitMs} ms`);
  }
}

async function signIn(browser: Browser): Promise<void> {
  await browser.ask("POST", "/session", 201, { name });
  const session = JSON.parse(await browser.ask("GET", "/session", 200)) as { name?: unknown };
  if (session.name !== name) throw new Error(`GET /session does not know who signed in`);
}

async function writeEntry(browser: Browser): Promise<void> {
  const message = `A check wrote this (${randomUUID()}).`;
  await browser.ask("POST", "/entries", 201, { name, message });
  const entries = JSON.parse(await browser.ask("GET", "/entries", 200)) as { message: string }[];
  if (!entries.some((entry) => entry.message === message)) {
    throw new Error("GET /entries does not have the entry just written");
  }
}

/** What CloudWatch Synthetics calls: a run passes unless this throws. */
export async function handler(): Promise<string> {
  const faults = await faultsOfFlows(process.env["BASE_URL"] ?? "", homepageLimitMs);
  if (faults.length > 0) throw new Error(faults.join("; "));
  return "All key flows passed.";
}
