/** Whether a version's servers may have traffic, as the gateway sees them. */
import { backendName } from "../gateway/backends";
import type { Gateway } from "../gateway/gateway";
import type { ServerStat } from "../gateway/runtime";
import type { Context } from "../resource";
import { poll } from "../wait";

const pollEveryMs = 200;

type Enough = (stats: readonly ServerStat[]) => boolean;

export const allUp: Enough = (stats) => stats.length > 0 && stats.every(isUp);
export const someUp: Enough = (stats) => stats.some(isUp);

function isUp({ status }: ServerStat): boolean {
  return status.startsWith("UP");
}

/** Waits until enough servers are up, or the time is over; answers them as they are then. */
export async function awaitHealthy(
  gateway: Gateway,
  backend: string,
  enough: Enough,
  withinMs: number,
  signal: AbortSignal,
): Promise<ServerStat[]> {
  let stats: ServerStat[] = [];
  await poll(
    async () => {
      stats = await gateway.servers(backend);
      // No servers at all: no wait brings one.
      return stats.length === 0 || enough(stats) || undefined;
    },
    { everyMs: pollEveryMs, withinMs, signal },
  );
  return stats;
}

/**
 * The version's servers, once enough of them are healthy, or what is wrong. Those that an earlier rollout drained and left so take
 * requests again.
 */
export async function admit(
  gateway: Gateway,
  backend: string,
  enough: Enough,
  withinMs: number,
  signal: AbortSignal,
): Promise<ServerStat[] | string> {
  let stats = await gateway.servers(backend);
  if (await wake(gateway, backend, stats)) stats = [];
  if (!enough(stats)) stats = await awaitHealthy(gateway, backend, enough, withinMs, signal);
  if (enough(stats)) return stats;
  return stats.length === 0
    ? `the gateway has no backend ${backend}; its Backend has to come before the Rollout`
    : `${someUp(stats) ? "not every" : "no"} server of ${backend} is healthy (${states(stats)})`;
}

/** Requests again for those of the version's servers that are in drain; answers whether there were any. */
export async function wake(
  gateway: Gateway,
  backend: string,
  stats: readonly ServerStat[],
): Promise<boolean> {
  const drained = stats.filter(({ status }) => status.startsWith("DRAIN")).map(({ server }) => server);
  if (drained.length > 0) await gateway.setServerStates(backend, drained, "ready");
  return drained.length > 0;
}

/** Which servers are not up, with what their containers are doing. */
export async function describeUnhealthy(
  gateway: Gateway,
  backend: string,
  stats: readonly ServerStat[],
  context: Context,
): Promise<string> {
  const sick = stats.filter((stat) => !isUp(stat)).map(({ server }) => server);
  const definition = (await gateway.readBackends()).find((each) => backendName(each) === backend);
  const containers = definition?.servers.filter(({ name }) => sick.includes(name)) ?? [];
  const described = await Promise.all(
    containers.map(({ container }) => context.describeContainer(container)),
  );
  return [`a server of ${backend} is not healthy (${states(stats)})`, ...described].join("\n");
}

function states(stats: readonly ServerStat[]): string {
  return stats
    .filter((stat) => !isUp(stat))
    .map(({ server, status }) => `${server} is ${status}`)
    .join(", ");
}
