/** The little the provider needs of Docker: a command inside a container, and what became of a container. */
import type { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import { redact, secretValues } from "./redact";
import { orCancelled } from "./wait";

let client: Promise<Dockerode> | undefined;

/** Loaded with the first use: an update that changes nothing never pays for it. Honours DOCKER_HOST. */
export function docker(): Promise<Dockerode> {
  client ??= import("dockerode").then(({ default: Docker }) => new Docker());
  return client;
}

export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A container that is not there, as opposed to one that does not do what it should. */
export class NoSuchContainer extends Error {}

/** A container that is there, but stopped. */
export class NotRunning extends Error {}

/** Starts a container that is stopped; nothing happens to one that runs. */
export async function startContainer(name: string): Promise<void> {
  try {
    await (await docker()).getContainer(name).start();
  } catch (error) {
    // 304: somebody else has started it meanwhile.
    if ((error as { statusCode?: number }).statusCode !== 304) throw inWords(error, name);
  }
}

/** The work's result; undefined when the container it is about is gone, and with it all that was in it. */
export async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NoSuchContainer) return undefined;
    throw error;
  }
}

/**
 * Runs a command in a running container, `stdin` given to it byte by byte.
 * @throws NoSuchContainer; or an Error when Docker or the container does not run, or the deadline passes.
 */
export async function exec(
  container: string,
  command: string[],
  options: { stdin?: string | Buffer; deadlineMs: number },
): Promise<ExecResult> {
  const { handle, connection } = await openExec(container, command);
  const output: Buffer[] = [];
  connection.on("data", (chunk: Buffer) => output.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    connection.once("close", resolve).once("error", reject);
  });
  const deadline = AbortSignal.timeout(options.deadlineMs);
  try {
    connection.end(options.stdin ?? "");
    await orCancelled(ended, deadline);
    const { ExitCode: exitCode } = await handle.inspect();
    const frames = splitFrames(Buffer.concat(output));
    const textOf = (stream: number) =>
      Buffer.concat(
        frames.filter((frame) => frame.stream === stream).map((frame) => frame.content),
      ).toString();
    return { exitCode: exitCode ?? -1, stdout: textOf(1), stderr: textOf(2) };
  } catch (error) {
    if (!deadline.aborted) throw inWords(error, container);
    throw new Error(
      `"${command[0]}" in container ${container} did not end within ${options.deadlineMs / 1000} s.`,
    );
  } finally {
    connection.destroy();
  }
}

/** A command that is left running in a container, its input and output still open. */
export async function openExec(
  container: string,
  command: string[],
): Promise<{ handle: Dockerode.Exec; connection: Duplex }> {
  try {
    const handle = await (
      await docker()
    )
      .getContainer(container)
      .exec({ Cmd: command, AttachStdin: true, AttachStdout: true, AttachStderr: true });
    return { handle, connection: await handle.start({ hijack: true, stdin: true }) };
  } catch (error) {
    throw inWords(error, container);
  }
}

/** One line that a container wrote to its output. */
export interface LogLine {
  /** When, by Docker's clock: ISO time, to the nanosecond. */
  at: string;
  text: string;
}

/**
 * Hands over what a container wrote to its output since a time (ISO), line by line; with `follow`, also what it writes from now on,
 * until it stops or the signal is aborted.
 * @throws NoSuchContainer; or an Error when Docker does not answer or keeps no log.
 */
export async function readLog(
  container: string,
  options: { since: string; follow: boolean; signal: AbortSignal },
  onLine: (line: LogLine) => void,
): Promise<void> {
  const { since, follow, signal } = options;
  const ask = { stdout: true, timestamps: true, since: unixTime(since) };
  try {
    const handle = (await docker()).getContainer(container);
    const chunks = follow
      ? ((await handle.logs({ ...ask, follow, abortSignal: signal })) as AsyncIterable<Buffer>)
      : [await handle.logs(ask)];
    let rest = Buffer.alloc(0);
    for await (const chunk of chunks) {
      rest = Buffer.concat([rest, chunk]);
      const whole = wholeFrames(rest);
      for (const { content } of splitFrames(rest.subarray(0, whole))) {
        const line = content.toString();
        const space = line.indexOf(" ");
        onLine({ at: line.slice(0, space), text: line.slice(space + 1) });
      }
      rest = rest.subarray(whole);
    }
  } catch (error) {
    if (!signal.aborted) throw inWords(error, container);
  }
}

/** Seconds since 1970, to the nanosecond, as Docker takes them. */
function unixTime(iso: string): string {
  const [, whole = iso, fraction = "0"] = /^(.*?)(?:\.(\d+))?Z$/.exec(iso) ?? [];
  return `${Date.parse(`${whole}Z`) / 1000}.${fraction.padEnd(9, "0")}`;
}

const logLines = 15;
const lineLength = 200;

/** True when a container will not become healthy by waiting: it has ended, or there is none. */
export async function hasEnded(name: string): Promise<boolean> {
  try {
    const { State: state } = await (await docker()).getContainer(name).inspect();
    return state.Status === "exited" || state.Status === "dead";
  } catch (error) {
    const reason = inWords(error, name);
    if (reason instanceof NoSuchContainer) return true;
    throw reason;
  }
}

/** What a container is doing, in words, with its last log lines; secrets masked. Never rejects. */
export async function describeContainer(name: string): Promise<string> {
  try {
    const container = (await docker()).getContainer(name);
    const { State: state, RestartCount: restarts, Config: config } = await container.inspect();
    const log = await container.logs({ stdout: true, stderr: true, tail: logLines });
    const text = config.Tty ? log : Buffer.concat(splitFrames(log).map((frame) => frame.content));
    const lines = redact(text.toString(), secretValues(config.Env))
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => `  ${line.slice(0, lineLength)}`);
    const facts = [
      state.Status,
      ...(state.Running ? [] : [`exit code ${state.ExitCode}`]),
      ...(state.OOMKilled ? ["out of memory"] : []),
      ...(state.Health === undefined ? [] : [`health ${state.Health.Status}`]),
      ...(restarts > 0 ? [`restarted ${restarts} times`] : []),
    ];
    const last = lines.length === 0 ? "It logged nothing." : `Last log lines:\n${lines.join("\n")}`;
    return `Container ${name}: ${facts.join(", ")}. ${last}`;
  } catch (error) {
    return inWords(error, name).message;
  }
}

/** How many bytes of Docker's multiplexed output are whole frames. */
function wholeFrames(data: Buffer): number {
  for (let at = 0; ;) {
    const end = at + 8 <= data.length ? at + 8 + data.readUInt32BE(at + 4) : Infinity;
    if (end > data.length) return at;
    at = end;
  }
}

/** Splits Docker's multiplexed output: frames of [stream, 0, 0, 0, length (4 bytes)] and content. */
export function splitFrames(data: Buffer): { stream: number; content: Buffer }[] {
  const frames: { stream: number; content: Buffer }[] = [];
  for (let at = 0; at + 8 <= data.length;) {
    const end = at + 8 + data.readUInt32BE(at + 4);
    frames.push({ stream: data.readUInt8(at), content: data.subarray(at + 8, end) });
    at = end;
  }
  return frames;
}

function inWords(error: unknown, container: string): Error {
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string };
  if (statusCode === 404) return new NoSuchContainer(`There is no container ${container}.`);
  if (statusCode === 409) {
    return new NotRunning(
      `Container ${container} is not running; start it (docker start ${container}) and run again.`,
    );
  }
  if (code === "ENOENT" || code === "ECONNREFUSED" || code === "EACCES" || code === "ENOTFOUND") {
    const host = process.env["DOCKER_HOST"] ?? "/var/run/docker.sock";
    return new Error(`Docker does not answer at ${host} (${code}); start it, or point DOCKER_HOST at it.`);
  }
  return new Error(`Docker refused a request about container ${container}: ${message ?? String(error)}`);
}
