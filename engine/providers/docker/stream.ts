/** The daemon's streams: JSON lines (events, pulls, builds) and container logs. */
import type { Daemon } from "./daemon";
import { DockerError } from "./daemon";

export async function collect(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** One object a line, as they come. */
export async function* jsonLines<T>(stream: NodeJS.ReadableStream): AsyncGenerator<T> {
  let rest = "";
  for await (const chunk of stream) {
    rest += chunk.toString();
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim()) yield JSON.parse(line) as T;
  }
  if (rest.trim()) yield JSON.parse(rest) as T;
}

interface Progress {
  stream?: string;
  error?: string;
  aux?: { ID?: string; Digest?: string };
}

/** What is left of a pull, push or build that went well. */
export interface Finished {
  /** Of a build: the image's id. */
  imageId?: string;
  /** Of a push: the manifest's digest. */
  digest?: string;
}

/** Follows a pull, push or build to its end; its failure is an error with the last lines of what it printed. */
export async function followProgress(
  daemon: Daemon,
  stream: NodeJS.ReadableStream,
  signal: AbortSignal,
): Promise<Finished> {
  const finished: Finished = {};
  let printed = "";
  try {
    for await (const { stream: text, error, aux } of jsonLines<Progress>(stream)) {
      if (error !== undefined) throw new DockerError(error + lastLines(printed));
      if (text) printed = (printed + text).slice(-8000);
      if (aux?.ID) finished.imageId = aux.ID;
      if (aux?.Digest) finished.digest = aux.Digest;
    }
  } catch (error) {
    throw daemon.explain(error, signal);
  }
  return finished;
}

function lastLines(printed: string): string {
  const lines = printed.trimEnd().split("\n").slice(-LOG_LINES);
  return lines.join("").trim() ? `\n  last lines of output:\n    ${lines.join("\n    ")}` : "";
}

/** How many lines of a log a failure shows. */
export const LOG_LINES = 20;

/** A container's log: frames of an 8-byte header (1 stdout, 2 stderr; length) unless it has a terminal. */
export function demultiplexed(log: Buffer, tty: boolean): string {
  if (tty) return log.toString();
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length;) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    parts.push(log.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts).toString();
}
