/** Changes of what the gateway routes by: each confirmed by what it reads back, and written to its volume. */
import type { Gateway, GatewayMapName, Maps } from "../gateway/gateway";
import type { GatewayMap } from "../gateway/maps";
import { pathKey } from "../gateway/maps";

/** A service's place on the gateway. */
export interface Place {
  service: string;
  pathPrefix: string;
}

/** @throws when the path belongs to another service of this gateway. */
export function refuseForeignPath({ service, pathPrefix }: Place, maps: Maps): void {
  const owner = maps.paths.get(pathKey(pathPrefix));
  if (owner !== undefined && owner !== service) {
    throw new Error(
      `The path ${pathPrefix} belongs to the service ${owner} on this gateway. Give ${service} another pathPrefix, or ` +
        `remove ${owner}'s Rollout first.`,
    );
  }
}

/**
 * Moves the service's route from one value to another, and the service to its path. What goes wrong in the middle is the caller's to
 * put back: `restore`.
 * @returns milliseconds from the command to the gateway's confirmation; 0 when the route was the one wanted already
 */
export async function shift(
  gateway: Gateway,
  place: Place,
  route: { from: string | undefined; to: string },
  signal: AbortSignal,
): Promise<number> {
  return gateway.locked(async () => {
    const before = await gateway.readMaps();
    refuseForeignPath(place, before);
    const found = before.routes.get(place.service);
    if (found !== route.from) {
      throw new Error(
        `Somebody else changed the route of ${place.service}: it was ${route.from ?? "none"}, and is ${found ?? "none"} now.`,
      );
    }
    signal.throwIfAborted();
    const started = performance.now();
    const routes =
      found === route.to ? before.routes : await setEntry(gateway, "routes", place.service, route.to);
    const milliseconds = found === route.to ? 0 : Math.max(1, Math.round(performance.now() - started));
    signal.throwIfAborted();
    await gateway.persistMaps({ paths: await placed(gateway, place, before), routes });
    return milliseconds;
  }, signal);
}

/** Puts the service's route and its paths back, in memory and in the volume. */
export async function restore(
  gateway: Gateway,
  service: string,
  wanted: { route: string | undefined; paths: GatewayMap },
): Promise<void> {
  await gateway.locked(async () => {
    // Before anything is looked at: every moment counts.
    await setEntry(gateway, "routes", service, wanted.route);
    const now = await gateway.readMaps();
    const own = (paths: GatewayMap) => [...paths].filter(([, owner]) => owner === service);
    for (const [path] of [...own(now.paths), ...own(wanted.paths)]) {
      const owner = wanted.paths.get(path);
      if (now.paths.get(path) !== owner) await setEntry(gateway, "paths", path, owner);
    }
    await gateway.persistMaps(await gateway.readMaps());
  });
}

/** Takes the service off the gateway: its paths answer 503 from then on. */
export async function withdraw(gateway: Gateway, service: string, signal: AbortSignal): Promise<void> {
  await gateway.locked(async () => {
    const maps = await gateway.readMaps();
    for (const [path, owner] of maps.paths) {
      if (owner === service) await setEntry(gateway, "paths", path, undefined);
    }
    if (maps.routes.has(service)) await setEntry(gateway, "routes", service, undefined);
    await gateway.persistMaps(await gateway.readMaps());
  }, signal);
}

/** The paths, once this service's is the wanted one and no other is. */
async function placed(gateway: Gateway, place: Place, before: Maps): Promise<GatewayMap> {
  const key = pathKey(place.pathPrefix);
  let paths = before.paths;
  if (!paths.has(key)) paths = await setEntry(gateway, "paths", key, place.service);
  for (const [path, owner] of before.paths) {
    if (owner === place.service && path !== key) paths = await setEntry(gateway, "paths", path, undefined);
  }
  return paths;
}

/** Sets one entry, confirmed by what the gateway reads back. */
async function setEntry(
  gateway: Gateway,
  map: GatewayMapName,
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
