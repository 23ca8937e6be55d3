/** Waits for a container: until it is healthy, or until it has ended. Told by Docker's events, without polling. */
import { addAbortSignal } from "node:stream";
import type { Inspection } from "./container-state";
import { DockerError } from "./daemon";
import { withDeadline } from "./deadline";
import type { Operation } from "./resource";
import { collect, demultiplexed, jsonLines, LOG_LINES } from "./stream";

/** A container that did not become what it should; the message is for the user, whole. */
class NotReady extends Error {}

interface Waiting {
  id: string;
  timeoutSeconds: number;
  /** Hides what must not be shown of logs. */
  mask: (text: string) => string;
}

interface ContainerEvent {
  /** "health_status: healthy", "die" … */
  status?: string;
  Action?: string;
}

const inspect = ({ daemon }: Operation, id: string): Promise<Inspection> =>
  daemon.request<Inspection>("GET", `/containers/${id}/json`);

/**
 * Starts the container by `start` and answers as soon as it is healthy. Rejects with `NotReady` when it is unhealthy (its
 * retries used up), has ended and will not be restarted, or is not healthy after the time-out.
 */
export function startAndWait(
  operation: Operation,
  waiting: Waiting,
  start: () => Promise<unknown>,
): Promise<Inspection> {
  const { timeoutSeconds } = waiting;
  return withDeadline(operation.signal, timeoutSeconds, async (stop) => {
    try {
      return await untilHealthy(operation, waiting.id, stop, start);
    } catch (error) {
      if (error instanceof NotReady) throw await report(operation, waiting, error.message);
      if (operation.signal.aborted) {
        const { message } = operation.signal.reason as Error;
        throw new NotReady(`${message}: container ${waiting.id.slice(0, 12)} is not healthy yet`);
      }
      if (!stop.aborted) throw operation.daemon.explain(error);
      throw await report(operation, waiting, `is not healthy after ${timeoutSeconds} s (waitTimeout)`);
    }
  });
}

async function untilHealthy(
  operation: Operation,
  id: string,
  stop: AbortSignal,
  start: () => Promise<unknown>,
): Promise<Inspection> {
  const filters = JSON.stringify({ type: ["container"], container: [id], event: ["health_status", "die"] });
  // Open before the container starts: no event is missed, and one look afterwards tells what was before.
  const opening = operation.daemon.stream("GET", "/events", { query: { filters }, signal: stop });
  const [events] = await Promise.all([opening, start().catch((error) => close(opening, error))]);
  addAbortSignal(stop, events);
  try {
    const started = await inspect(operation, id);
    if (isHealthy(started)) return started;
    let hasRestarted = false;
    for await (const event of jsonLines<ContainerEvent>(events)) {
      const isWell = (event.Action ?? event.status) === "health_status: healthy";
      if (isWell && !hasRestarted) return started;
      const now = await inspect(operation, id);
      if (isHealthy(now)) return now;
      hasRestarted = true;
    }
    throw new DockerError("Docker ended its stream of events");
  } finally {
    events.destroy();
  }
}

async function close(opening: Promise<{ destroy(): void }>, error: unknown): Promise<never> {
  await opening.then(
    (events) => events.destroy(),
    () => undefined,
  );
  throw error;
}

/** Throws for a container that will not become healthy any more. */
function isHealthy({ State: state }: Inspection): boolean {
  if (!state.Running && !state.Restarting) throw new NotReady("ended before it was healthy");
  if (!state.Health) {
    throw new NotReady("has no health check to wait for: give it a `healthcheck`, or leave `wait` out");
  }
  if (state.Health.Status === "unhealthy") throw new NotReady("is unhealthy");
  return state.Health.Status === "healthy";
}

/** What is known of a container that failed: its state, its last check, the end of its log. */
async function report(operation: Operation, { id, mask }: Waiting, problem: string): Promise<NotReady> {
  try {
    const container = await inspect(operation, id);
    const name = container.Name.replace(/^\//, "");
    const lines = [`container "${name}" ${problem}: ${describeState(container)}`];
    const check = container.State.Health?.Log?.at(-1);
    if (check)
      lines.push(`last health check: exit code ${check.ExitCode} ${mask(check.Output.trim())}`.trim());
    const log = mask(await lastLog(operation, id, container.Config.Tty));
    const shown = log.trimEnd().split("\n").join("\n  ");
    lines.push(log.trim() ? `last ${LOG_LINES} lines of its log:\n  ${shown}` : "its log is empty");
    lines.push("It is left as it is, and will be replaced by the next update.");
    return new NotReady(lines.join("\n"));
  } catch (error) {
    return new NotReady(`container ${id.slice(0, 12)} ${problem} (${(error as Error).message})`);
  }
}

function describeState({ State: state, RestartCount: restarts }: Inspection): string {
  const parts = [state.Status];
  if (!state.Running || state.Restarting) parts.push(`exit code ${state.ExitCode}`);
  if (state.OOMKilled) parts.push("killed for want of memory");
  if (state.Error) parts.push(state.Error);
  if (restarts > 0) parts.push(`restarted ${restarts} times`);
  return parts.join(", ");
}

async function lastLog({ daemon }: Operation, id: string, tty: boolean): Promise<string> {
  const query = { stdout: true, stderr: true, tail: LOG_LINES };
  return demultiplexed(await collect(await daemon.stream("GET", `/containers/${id}/logs`, { query })), tty);
}

/** Starts the container by `start` and waits until it has ended; answers its whole log if that is wanted. */
export async function startAndAttach(
  { daemon, signal }: Operation,
  id: string,
  { logs, tty }: { logs: boolean; tty: boolean },
  start: () => Promise<unknown>,
): Promise<{ exitCode: number; log: string | undefined }> {
  try {
    const condition = { query: { condition: "next-exit" }, signal };
    const ending = await daemon.stream("POST", `/containers/${id}/wait`, condition);
    await start();
    const query = { stdout: true, stderr: true, follow: true };
    const following = logs
      ? await daemon.stream("GET", `/containers/${id}/logs`, { query, signal })
      : undefined;
    const [log, ended] = await Promise.all([following && collect(following), collect(ending)]);
    const { StatusCode } = JSON.parse(ended.toString()) as { StatusCode: number };
    return { exitCode: StatusCode, log: log && demultiplexed(log, tty) };
  } catch (error) {
    throw daemon.explain(error, signal);
  }
}
