import { isDeepStrictEqual } from "node:util";
import { unlessGone } from "../docker";
import type { Backend } from "../gateway/backends";
import { backendName, withBackend, withoutBackend } from "../gateway/backends";
import type { Gateway } from "../gateway/gateway";
import { carries, parseRoute } from "../gateway/maps";
import { isHealthy } from "../gateway/runtime";
import type { Context, ResourceKind } from "../resource";
import { type BackendInputs, type BackendServer, backendSchema } from "../schema/backend";
import { orUndo, poll } from "../wait";

const pollEveryMs = 250;

/** A version in the gateway, warm, without traffic. What it added is taken away again when it does not become healthy. */
export const backend: ResourceKind<BackendInputs, object> = {
  schema: backendSchema,
  identity: ["gateway", "service", "version"],
  id: backendName,
  async create(inputs, context) {
    await bring(inputs, context);
    return {};
  },
  async update(inputs, old, context) {
    if (!isDeepStrictEqual(definitionOf(inputs), definitionOf(old))) await bring(inputs, context);
    return {};
  },
  async delete(old, context) {
    await unlessGone(() => remove(old, context));
  },
  async read(old, context) {
    const found = await unlessGone(() => find(context.openGateway(old.gateway), old));
    return found && { healthPath: found.healthPath, servers: found.servers };
  },
  drift: (inputs, old) =>
    ["healthPath", "servers"].filter((key) => !isDeepStrictEqual(inputs[key], old[key])),
};

function definitionOf({ service, version, healthPath, servers }: Backend): Backend {
  return { service, version, healthPath, servers };
}

async function find(gateway: Gateway, wanted: BackendInputs): Promise<Backend | undefined> {
  return (await gateway.readBackends()).find((each) => backendName(each) === backendName(wanted));
}

/** Puts the version into the gateway; servers that leave it go last, drained. On failure the gateway is as it was before. */
async function bring(inputs: BackendInputs, context: Context): Promise<void> {
  const gateway = context.openGateway(inputs.gateway);
  const name = backendName(inputs);
  const target = definitionOf(inputs);
  const staying = target.servers.map((server) => server.name);

  let former: Backend | undefined;
  let leaving: BackendServer[] = [];
  await gateway.changeBackends((backends) => {
    former = backends.find((each) => backendName(each) === name);
    leaving = former?.servers.filter((server) => !staying.includes(server.name)) ?? [];
    return withBackend(backends, { ...target, servers: [...target.servers, ...leaving] });
  }, context.signal);
  await orUndo(
    async () => {
      await becomeHealthy(gateway, inputs, context);
      await gateway.setServerStates(name, staying, "ready", context.signal);
      if (leaving.length === 0) return;
      const names = leaving.map((server) => server.name);
      await gateway.setServerStates(name, names, "drain", context.signal);
      await drained(gateway, name, names, inputs.drainSeconds, context.signal);
      await gateway.changeBackends((backends) => withBackend(backends, target), context.signal);
    },
    () =>
      gateway.changeBackends((backends) =>
        former === undefined ? withoutBackend(backends, name) : withBackend(backends, former),
      ),
  );
}

async function becomeHealthy(gateway: Gateway, inputs: BackendInputs, context: Context): Promise<void> {
  const name = backendName(inputs);
  const containers = [...new Set(inputs.servers.map((server) => server.container))];
  const unhealthy = async () => {
    const stats = await gateway.servers(name);
    return inputs.servers.flatMap((server) => {
      const stat = stats.find((each) => each.server === server.name);
      if (stat !== undefined && isHealthy(stat)) return [];
      const state = `${stat?.status ?? "missing"} ${stat?.checkStatus ?? ""}`.trim();
      return [`${server.name} (${server.container}:${server.port}) is ${state}`];
    });
  };
  const outcome = await poll(
    async () => {
      if ((await unhealthy()).length === 0) return "ready";
      const ended = await Promise.all(containers.map((container) => context.hasEnded(container)));
      return ended.includes(true) ? "ended" : undefined;
    },
    { everyMs: pollEveryMs, withinMs: inputs.readyTimeoutSeconds * 1000, signal: context.signal },
  );
  if (outcome === "ready") return;
  const verdict =
    outcome === "ended"
      ? "cannot become healthy"
      : `did not become healthy within ${inputs.readyTimeoutSeconds} s`;
  const states = await Promise.all(containers.map((container) => context.describeContainer(container)));
  throw new Error(
    [
      `${name} ${verdict}, so it gets no traffic; what was live before is still live.`,
      `GET ${inputs.healthPath} must answer 200: ${(await unhealthy()).join(", ")}.`,
      ...states,
    ].join("\n"),
  );
}

/** Waits until the servers have no request left, or the time is over: what is in flight then is cut. */
async function drained(
  gateway: Gateway,
  name: string,
  servers: readonly string[],
  drainSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  await poll(async () => (await gateway.isDrained(name, servers)) || undefined, {
    everyMs: pollEveryMs,
    withinMs: drainSeconds * 1000,
    signal,
  });
}

async function remove(old: BackendInputs, context: Context): Promise<void> {
  const gateway = context.openGateway(old.gateway);
  const name = backendName(old);
  const found = await find(gateway, old);
  if (found === undefined) return;
  const servers = found.servers.map((server) => server.name);
  await refuseIfLive(gateway, old);
  await gateway.setServerStates(name, servers, "drain", context.signal);
  await orUndo(
    async () => {
      await drained(gateway, name, servers, old.drainSeconds, context.signal);
      await gateway.changeBackends(async (backends) => {
        await refuseIfLive(gateway, old);
        return withoutBackend(backends, name);
      }, context.signal);
    },
    () => gateway.setServerStates(name, servers, "ready"),
  );
}

async function refuseIfLive(gateway: Gateway, { service, version }: BackendInputs): Promise<void> {
  const value = (await gateway.readMaps()).routes.get(service);
  if (value !== undefined && carries(parseRoute(value), version)) {
    throw new Error(
      `${service}-${version} is live (its route is ${value}) and stays in the gateway. Roll another version out, or ` +
        "remove the service's Rollout, first.",
    );
  }
}
