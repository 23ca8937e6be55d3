/**
 * The waivers of the release that is judged. Its first resource, the Release, carries them; `pack-list-waivers` verifies and activates them before any other
 * rule runs on it. What is judged before that is judged without.
 */

import { isGlobMatch } from "./glob";

export interface ActiveWaiver {
  readonly policy: string;
  readonly resource: string;
  readonly approver: string;
  readonly ticket: string;
  /** ISO time. */
  readonly expiresOn: string;
}

let active: readonly ActiveWaiver[] = [];
const waivable = new Map<string, boolean>();

/** Every rule says when it is made whether it can be waived. */
export function declareRule(name: string, canBeWaived: boolean): void {
  waivable.set(name, canBeWaived);
}

/** Undefined for a name that no rule has. */
export function isWaivable(policy: string): boolean | undefined {
  return waivable.get(policy);
}

export function activateWaivers(waivers: readonly ActiveWaiver[]): void {
  active = waivers;
}

/** The waiver that covers a violation, if any: by the resource's name or URN. */
export function findWaiver(policy: string, urn: string, name: string): ActiveWaiver | undefined {
  return active.find(
    (waiver) =>
      waiver.policy === policy && (isGlobMatch(waiver.resource, name) || isGlobMatch(waiver.resource, urn)),
  );
}
