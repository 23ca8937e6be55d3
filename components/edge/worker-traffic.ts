/** How a Worker's traffic is split between its new version and the stable one. */

export interface WorkerTraffic {
  readonly versionId: string;
  readonly percentage: number;
}

/** What is wrong with a share for a new version, in words; undefined when nothing is. */
export function faultOfPercent(percent: number, hasStable: boolean): string | undefined {
  // The provider takes 0.01 to 100 for a version of a deployment; one without traffic is left out of it.
  if (!(percent === 0 || (percent >= 0.01 && percent <= 100))) {
    return `The Worker's share is ${percent} percent; it can be 0, or from 0.01 to 100.`;
  }
  if (percent < 100 && !hasStable) {
    return `The Worker's share is ${percent} percent, but no version of it serves yet that could take the rest; deploy with 100 first.`;
  }
  return undefined;
}

/**
 * The whole routing table of a deployment: the new version's share, and the rest to the stable one, never to an earlier try.
 *
 * @param percent the new version's share; 0 leaves all traffic on the stable version
 */
export function splitTraffic(
  versionId: string,
  percent: number,
  stableId: string | undefined,
): WorkerTraffic[] {
  if (percent === 100 || stableId === undefined || stableId === versionId)
    return [{ versionId, percentage: 100 }];
  // Shares have at most two digits after the point; 100 - 33.33 has more.
  const rest = Math.round((100 - percent) * 100) / 100;
  const stable = { versionId: stableId, percentage: rest };
  return percent === 0 ? [stable] : [{ versionId, percentage: percent }, stable];
}
