/**
 * The gateway's maps: which service a path belongs to, which version has a service's traffic. Pure.
 */

/** A map file: `key value` a line. */
export type GatewayMap = ReadonlyMap<string, string>;

/** The text of a map file, by key, so that equal maps are equal files. */
export function renderMap(map: GatewayMap): string {
  return [...map]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key} ${value}\n`)
    .join("");
}

/** Reads a map file. */
export function parseMap(text: string): Map<string, string> {
  return entriesOf(text.matchAll(/^(\S+) (\S+)$/gm));
}

/** Reads what `show map <file>` prints: an address in front of each entry. */
export function parseShownMap(text: string): Map<string, string> {
  return entriesOf(text.matchAll(/^0x[0-9a-f]+ (\S+) (\S+)$/gm));
}

function entriesOf(matches: Iterable<RegExpMatchArray>): Map<string, string> {
  return new Map(Array.from(matches, ([, key = "", value = ""]) => [key, value]));
}

/** Where a service's traffic goes: to `stable`, but `weightPercent` of it to `candidate`. */
export interface Route {
  stable: string;
  candidate?: string;
  /** 0 to 100; 0 without a candidate. */
  weightPercent: number;
  /** A client keeps its throw of the die, in a cookie: as the weight grows, it changes over once at most. */
  sticky?: true;
}

/** `stable|candidate|weight`, the value in routes.map, with `|sticky` behind it; "-" stands for no candidate. */
export function formatRoute({ stable, candidate, weightPercent, sticky }: Route): string {
  return [stable, candidate ?? "-", weightPercent, ...(sticky ? ["sticky"] : [])].join("|");
}

export function parseRoute(value: string): Route {
  const [, stable, candidate, weight, sticky] = /^([^|]+)\|([^|]+)\|(\d{1,3})(\|sticky)?$/.exec(value) ?? [];
  if (stable === undefined || candidate === undefined || Number(weight) > 100) {
    throw new Error(
      `The gateway's route "${value}" is not of the form stable|candidate|weightPercent. Correct routes.map in its volume.`,
    );
  }
  return {
    ...{ stable, weightPercent: Number(weight) },
    ...(candidate === "-" ? {} : { candidate }),
    ...(sticky === undefined ? {} : { sticky: true }),
  };
}

/** How much of the traffic the version gets by this route, in percent. */
export function shareOf(route: Route, version: string): number {
  if (route.candidate === version) return route.weightPercent;
  return route.stable === version ? 100 - route.weightPercent : 0;
}

/** True when requests may reach `version` by this route. */
export function carries(route: Route, version: string): boolean {
  return route.stable === version || (route.candidate === version && route.weightPercent > 0);
}

/** The key in paths.map: with a slash at its end, as base.cfg compares it, so that /api does not take /apix. */
export function pathKey(pathPrefix: string): string {
  return pathPrefix.endsWith("/") ? pathPrefix : `${pathPrefix}/`;
}
