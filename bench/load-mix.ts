/** What the load consists of: short and 2-second requests, on kept and on new connections, writes included; and what makes an answer right. */

export interface RequestKind {
  readonly name: string;
  /** Of a hundred requests. */
  readonly share: number;
  readonly newConnection?: boolean;
  readonly action: "get" | "wait" | "write";
}

/** The mix that the gateway was chosen by. */
const mix: readonly RequestKind[] = [
  { name: "GET", share: 69, action: "get" },
  { name: "GET on a new connection", share: 9, action: "get", newConnection: true },
  { name: "GET of 2 s", share: 2, action: "wait" },
  { name: "POST", share: 14, action: "write" },
  { name: "POST on a new connection", share: 6, action: "write", newConnection: true },
];

/** A hundred kinds in which each is spread out as evenly as its share allows. */
export function interleavedMix(): RequestKind[] {
  const credits = mix.map(() => 0);
  return Array.from({ length: 100 }, () => {
    mix.forEach(({ share }, index) => (credits[index] = (credits[index] ?? 0) + share));
    const next = credits.indexOf(Math.max(...credits));
    credits[next] = (credits[next] ?? 0) - 100;
    return mix[next] as RequestKind;
  });
}

export interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

/** The request of a number. Of the short GETs one in four is the page, which asks Postgres and Redis. */
export function outgoing({ action }: RequestKind, number: number, message: string): Outgoing {
  switch (action) {
    case "get":
      return { method: "GET", path: number % 4 === 0 ? "/" : "/version" };
    case "wait":
      return { method: "GET", path: "/slow?ms=2000" };
    case "write":
      return { method: "POST", path: "/entries", body: JSON.stringify({ name: "load", message }) };
  }
}

export interface Answer {
  readonly status: number | undefined;
  /** What the service's header says. */
  readonly version: string | undefined;
  readonly body: string;
}

/** What is wrong with an answer; undefined when nothing is. An empty set of versions allows every one. */
export function faultIn(
  { status, version, body }: Answer,
  path: string,
  message: string,
  versions: ReadonlySet<string>,
): string | undefined {
  if (status !== (path === "/entries" ? 201 : 200)) return `status ${status}`;
  if (version === undefined) return "no version";
  if (versions.size > 0 && !versions.has(version)) return `version ${version} not expected`;
  const needed: Record<string, string> = {
    "/": `<footer>Version ${version}, commit`,
    "/version": `"version":"${version}"`,
    "/slow?ms=2000": '"waitedMs":2000',
    "/entries": `"message":"${message}"`,
  };
  return body.includes(needed[path] ?? "") ? undefined : "wrong body";
}
