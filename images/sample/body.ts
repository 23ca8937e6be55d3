/** Request bodies: a form or JSON, up to a limit. */
import type { IncomingMessage } from "node:http";

export const bodyLimitBytes = 16 * 1024;

export type Body = { kind: "form" | "json"; value: unknown } | { status: number; error: string };

/** Reads a body to its end; what is over the limit is read and dropped, so that the client gets its answer. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  const kind =
    type === "application/x-www-form-urlencoded" ? "form" : type === "application/json" ? "json" : undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= bodyLimitBytes) chunks.push(chunk);
  }
  if (!kind) return { status: 415, error: "send a form or application/json" };
  if (size > bodyLimitBytes) return { status: 413, error: `the body has more than ${bodyLimitBytes} bytes` };
  const text = Buffer.concat(chunks).toString("utf8");
  if (kind === "form") return { kind, value: Object.fromEntries(new URLSearchParams(text)) };
  try {
    return { kind, value: JSON.parse(text) as unknown };
  } catch {
    return { status: 400, error: "the body is not JSON" };
  }
}
