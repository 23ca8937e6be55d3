import { unlessGone } from "../docker";
import { backendName } from "../gateway/backends";
import type { Gateway, Maps } from "../gateway/gateway";
import type { GatewayMap } from "../gateway/maps";
import { formatRoute, parseRoute, pathKey } from "../gateway/maps";
import type { Context, ResourceKind } from "../resource";
import { type RolloutInputs, rolloutSchema } from "../schema/rollout";
import { orUndo } from "../wait";

export interface RolloutOutputs {
  /** The version that has the traffic, by the gateway's own account. */
  live: string;
  /** The version that had it before. */
  previous?: string;
  /** ISO time of the shift. */
  shiftedAt: string;
  /** From the command to the gateway's confirmation; 0 when the gateway had the route already. */
  shiftMilliseconds: number;
}

/** Where a service's traffic goes. Direct: all of it in one step, once the version's servers are healthy. */
export const rollout: ResourceKind<RolloutInputs, RolloutOutputs> = {
  schema: rolloutSchema,
  identity: ["gateway", "service"],
  id: ({ service }) => service,
  create: (inputs, context) => shift(inputs, undefined, context),
  update: (inputs, old, context) => shift(inputs, old, context),
  async delete(old, context) {
    await unlessGone(() => withdraw(old, context.openGateway(old.gateway), context.signal));
  },
  async read(old, context) {
    const maps = await unlessGone(() => context.openGateway(old.gateway).readMaps());
    const value = maps?.routes.get(old.service);
    if (value === undefined) return undefined;
    const { live, previous, shiftedAt, shiftMilliseconds } = old;
    const now = parseRoute(value).stable;
    const before = now === live ? previous : live;
    return {
      ...{ version: now, live: now, shiftedAt, shiftMilliseconds },
      ...(before === undefined ? {} : { previous: before }),
    };
  },
  foresee(inputs, old) {
    const version = inputs["version"] ?? null;
    const live = old?.["live"];
    return { live: version, ...(live === undefined || live === version ? {} : { previous: live }) };
  },
  drift: (inputs, old) => (inputs["version"] === old["version"] ? [] : ["version"]),
};

/** Moves all traffic to the version, from whatever the gateway says has it now; on failure that goes on having it. */
async function shift(
  inputs: RolloutInputs,
  old: RolloutOutputs | undefined,
  context: Context,
): Promise<RolloutOutputs> {
  const gateway = context.openGateway(inputs.gateway);
  return gateway.locked(async () => {
    const before = await gateway.readMaps();
    refuseForeignPath(inputs, before);
    await refuseUnhealthy(gateway, inputs);
    context.signal.throwIfAborted();
    const started = performance.now();
    const moved = await orUndo(
      async () => {
        const routes = await routed(gateway, inputs, before);
        const shiftMilliseconds = Math.round(performance.now() - started);
        context.signal.throwIfAborted();
        await gateway.persistMaps({ paths: await placed(gateway, inputs, before), routes });
        return { changed: routes !== before.routes, shiftMilliseconds };
      },
      () => restore(gateway, inputs, before),
    );
    const was = before.routes.get(inputs.service);
    const previous = [was && parseRoute(was).stable, old?.live, old?.previous].find(
      (version) => version !== undefined && version !== inputs.version,
    );
    const shiftedAt = moved.changed || old === undefined ? new Date().toISOString() : old.shiftedAt;
    return {
      live: inputs.version,
      ...(previous === undefined ? {} : { previous }),
      shiftedAt,
      shiftMilliseconds: moved.changed || old === undefined ? moved.shiftMilliseconds : old.shiftMilliseconds,
    };
  }, context.signal);
}

function refuseForeignPath({ service, pathPrefix }: RolloutInputs, maps: Maps): void {
  const owner = maps.paths.get(pathKey(pathPrefix));
  if (owner !== undefined && owner !== service) {
    throw new Error(
      `The path ${pathPrefix} belongs to the service ${owner} on this gateway. Give ${service} another pathPrefix, or ` +
        `remove ${owner}'s Rollout first.`,
    );
  }
}

async function refuseUnhealthy(gateway: Gateway, inputs: RolloutInputs): Promise<void> {
  const name = backendName(inputs);
  const servers = await gateway.servers(name);
  if (servers.some((server) => server.status.startsWith("UP"))) return;
  const states = servers.map((server) => `${server.server} is ${server.status}`).join(", ");
  throw new Error(
    servers.length === 0
      ? `The gateway has no backend ${name}, so it cannot have traffic. Its Backend has to come before the Rollout.`
      : `No server of ${name} is healthy (${states}), so it gets no traffic. What was live before is still live.`,
  );
}

/** The routes, once this service's is the wanted one; those of before when it was already. */
async function routed(gateway: Gateway, inputs: RolloutInputs, { routes }: Maps): Promise<GatewayMap> {
  const wanted = formatRoute({ stable: inputs.version, weightPercent: 0 });
  if (routes.get(inputs.service) === wanted) return routes;
  return setEntry(gateway, "routes", inputs.service, wanted);
}

/** The paths, once this service's is the wanted one and no other is. */
async function placed(gateway: Gateway, inputs: RolloutInputs, before: Maps): Promise<GatewayMap> {
  const key = pathKey(inputs.pathPrefix);
  let paths = before.paths;
  if (!paths.has(key)) paths = await setEntry(gateway, "paths", key, inputs.service);
  for (const [path, owner] of before.paths) {
    if (owner === inputs.service && path !== key) paths = await setEntry(gateway, "paths", path, undefined);
  }
  return paths;
}

/** Sets one entry, confirmed by what the gateway reads back. */
async function setEntry(
  gateway: Gateway,
  map: "paths" | "routes",
  key: string,
  value: string | undefined,
): Promise<GatewayMap> {
  const entries = await gateway.setEntry(map, key, value);
  const shown = entries.get(key);
  if (shown === value) return entries;
  throw new Error(
    `The gateway did not take ${map} ${key} = ${value ?? "nothing"}: it says ${shown ?? "nothing"}.`,
  );
}

/** Back to the maps of before, in memory and in the volume. */
async function restore(gateway: Gateway, { service }: RolloutInputs, before: Maps): Promise<void> {
  const now = await gateway.readMaps();
  if (now.routes.get(service) !== before.routes.get(service)) {
    await setEntry(gateway, "routes", service, before.routes.get(service));
  }
  for (const path of new Set([...now.paths.keys(), ...before.paths.keys()])) {
    if (now.paths.get(path) !== before.paths.get(path)) {
      await setEntry(gateway, "paths", path, before.paths.get(path));
    }
  }
  await gateway.persistMaps(before);
}

/** Takes the service off the gateway: its paths answer 503 from then on. */
async function withdraw(old: RolloutInputs, gateway: Gateway, signal: AbortSignal): Promise<void> {
  await gateway.locked(async () => {
    const maps = await gateway.readMaps();
    for (const [path, owner] of maps.paths) {
      if (owner === old.service) await setEntry(gateway, "paths", path, undefined);
    }
    if (maps.routes.has(old.service)) await setEntry(gateway, "routes", old.service, undefined);
    await gateway.persistMaps(await gateway.readMaps());
  }, signal);
}
