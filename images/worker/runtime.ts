/** As much of Cloudflare's runtime as the Worker uses, beside what Node's types know of fetch. */

export interface Env {
  readonly DB: Database;
  /** The version of this Worker that runs. */
  readonly VERSION: { readonly id: string; readonly tag: string };
}

export interface Database {
  prepare(query: string): { bind(...values: string[]): { all<Row>(): Promise<{ results: Row[] }> } };
}

export interface Context {
  /** Lets work go on after the answer is out. */
  waitUntil(work: Promise<unknown>): void;
}

interface Element {
  prepend(content: string, options: { html: boolean }): void;
}

interface Rewriter {
  on(selector: string, handlers: { element(element: Element): void }): this;
  transform(response: Response): Response;
}

interface Cache {
  match(key: string): Promise<Response | undefined>;
  put(key: string, response: Response): Promise<void>;
}

const runtime = globalThis as unknown as {
  readonly HTMLRewriter: new () => Rewriter;
  /** Each of Cloudflare's places has its own. */
  readonly caches: { readonly default: Cache };
  readonly console: { log(line: string): void };
};

export const writeLog = (line: string): void => runtime.console.log(line);

/** The cache of the place that the Worker runs in. */
export const edgeCache = (): Cache => runtime.caches.default;

/** Puts HTML at the start of the page's `main`, while the page streams through. */
export function prependToMain(response: Response, html: string): Response {
  return new runtime.HTMLRewriter()
    .on("main", { element: (main) => main.prepend(html, { html: true }) })
    .transform(response);
}
