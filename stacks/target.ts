/** Which version is to be live after this update, which one stays warm beside it, and what the stack remembers of both. Pure. */
import { createHash } from "node:crypto";

/** What one version of a service is. A version is immutable: other content is another version. */
export interface VersionContent {
  /** Pinned. */
  readonly image: string;
  /** Limit of each replica in MiB. */
  readonly memoryMb: number;
  /** How long requests in flight may go on when it leaves. */
  readonly drainSeconds: number;
  readonly featureFlags: Readonly<Record<string, boolean>>;
  readonly toggles: Readonly<Record<string, "live" | "mock">>;
  /** By secret, the rotation whose value it is given; none where it has the first value of each. */
  readonly secretRotation?: Readonly<Record<string, string>>;
}

export interface ReleasedVersion extends VersionContent {
  readonly version: string;
  /** Full id of the commit that it was first released from. */
  readonly commit: string;
}

/** A version in the stack's memory, with what decides whether there is a way back over it. */
export interface RememberedVersion extends ReleasedVersion {
  /** Ids of the contract migrations it applied: versions before it cannot run on the schema any more. */
  readonly contracted: readonly string[];
  /** The command that puts the data back as they were before it. */
  readonly restoreCommand: string | null;
}

/** A version that was rolled back from, and may not be deployed again by itself. */
export interface Hold {
  readonly version: string;
  /** ISO time. */
  readonly since: string;
}

/** The stack's own last outputs: those of its last successful update. */
export interface StackMemory {
  readonly live: string | null;
  readonly previous: string | null;
  /** The newest first release first. */
  readonly versions: readonly RememberedVersion[];
  readonly held: readonly Hold[];
  /** Cloudflare's id of the Worker's version that all traffic can go back to. */
  readonly workerStableId: string | null;
}

export const noMemory: StackMemory = {
  live: null,
  previous: null,
  versions: [],
  held: [],
  workerStableId: null,
};

/** What the configuration and the checkout ask for. */
export interface Wish {
  readonly service: string;
  /** Empty: made of the image's own version and the content. */
  readonly version: string;
  readonly imageVersion: string;
  readonly commit: string;
  readonly content: VersionContent;
  /** Empty, or the version to go back to. */
  readonly rollbackTo: string;
  readonly releaseHold: boolean;
  /** The backup from before the newer versions' contract migrations was put back. */
  readonly dataRestored: boolean;
  /** False where nothing is to be kept warm. */
  readonly keepWarm: boolean;
}

export interface Target {
  readonly version: ReleasedVersion;
  /** The version that stays warm: the live one, or its predecessor where the target is live already. */
  readonly kept: ReleasedVersion | undefined;
  readonly rollback: boolean;
  /** What the rollback, once it is done, rules out. */
  readonly held: readonly Hold[];
  /** What the stack still remembers beside the target. */
  readonly versions: readonly RememberedVersion[];
}

/** Older ones are forgotten: nothing of them is left to go back to. */
export const rememberedVersions = 10;

/**
 * Decides what an update deploys.
 *
 * @throws Error, for the user: an unknown or irreversible rollback, a held version, or a version with other content than it had
 */
export function chooseTarget(wish: Wish, memory: StackMemory, now: Date): Target {
  const rollback = wish.rollbackTo !== "";
  const version = rollback ? rollbackVersion(wish, memory) : wishedVersion(wish, memory);
  const held = memory.held.filter((hold) => !(hold.version === version.version && wish.releaseHold));
  const hold = held.find((each) => each.version === version.version);
  if (hold !== undefined) {
    throw new Error(
      `${wish.service} ${hold.version} is held: it was rolled back from at ${hold.since}. Release another version, or ` +
        `say that it is good after all: npm run up -- --release-hold (or slipway:releaseHold: true).`,
    );
  }
  const { live, previous } = memory;
  const beside = version.version === live ? previous : live;
  const leaves = rollback && live !== version.version && !held.some((each) => each.version === live);
  // Restored data are older than these versions: should one come back, its migrations have to run again.
  const undone = wish.dataRestored ? newerThan(version.version, memory.versions).filter(hasContracted) : [];
  const versions = memory.versions.filter((each) => !undone.includes(each));
  return {
    version,
    kept: wish.keepWarm ? versions.find((each) => each.version === beside) : undefined,
    rollback,
    held: live !== null && leaves ? [...held, { version: live, since: now.toISOString() }] : held,
    versions,
  };
}

/** The configured version, else the image's own and the start of its content's hash: unique for each content. */
export function versionOf({
  version,
  imageVersion,
  content,
}: Pick<Wish, "content" | "imageVersion" | "version">): string {
  // A letter in front: SemVer takes no number with a leading zero.
  return version !== "" ? version : `${imageVersion}-i${hashOf(content).slice(0, 7)}`;
}

function wishedVersion(wish: Wish, { versions }: StackMemory): ReleasedVersion {
  const version = versionOf(wish);
  const known = versions.find((each) => each.version === version);
  if (known === undefined) return { version, commit: wish.commit, ...wish.content };
  const keys = new Set([
    ...(Object.keys(wish.content) as (keyof VersionContent)[]),
    "secretRotation" as const,
  ]);
  const changed = [...keys].filter((key) => canonical(wish.content[key]) !== canonical(known[key]));
  if (changed.length > 0) {
    throw new Error(
      `${wish.service} ${version} was released before with another ${changed.join(", ")}; a version never changes. Give ` +
        "this one another slipway:version, or leave that empty: then each content has its own.",
    );
  }
  return known;
}

function rollbackVersion(
  { service, rollbackTo, dataRestored }: Wish,
  { versions }: StackMemory,
): ReleasedVersion {
  const target = versions.find((each) => each.version === rollbackTo);
  if (target === undefined) {
    const known = versions.map((each) => each.version).join(", ") || "none";
    throw new Error(
      `${service} ${rollbackTo} cannot be rolled back to: this stack has not released it. It knows: ${known}.`,
    );
  }
  const blocking = newerThan(rollbackTo, versions).filter(hasContracted);
  if (blocking.length > 0 && !dataRestored) throw new Error(irreversible(service, rollbackTo, blocking));
  return target;
}

function newerThan(version: string, versions: readonly RememberedVersion[]): readonly RememberedVersion[] {
  return versions.slice(
    0,
    Math.max(
      0,
      versions.findIndex((each) => each.version === version),
    ),
  );
}

function hasContracted({ contracted }: RememberedVersion): boolean {
  return contracted.length > 0;
}

function irreversible(service: string, to: string, blocking: readonly RememberedVersion[]): string {
  const oldest = blocking.at(-1);
  return [
    `${service} ${to} cannot be rolled back to: it cannot run on the schema any more.`,
    ...blocking.map(
      ({ version, contracted }) => `  ${version} applied the contract migrations ${contracted.join(", ")}.`,
    ),
    "Nothing was changed. Mend the newer version and release that; or lose what was written since, in this order:",
    `  1. ${oldest?.restoreCommand ?? "restore a backup from before that release (npm run history tells of them)"}`,
    `  2. npm run rollback -- <stack> --to ${to} --data-restored`,
  ].join("\n");
}

/** What the stack remembers once the target is live. */
export function remember(
  target: ReleasedVersion,
  outcome: Pick<RememberedVersion, "contracted" | "restoreCommand">,
  versions: readonly RememberedVersion[],
): RememberedVersion[] {
  const known = versions.some((each) => each.version === target.version);
  // In the order of first release: only what is newer than a version can have made the schema unfit for it.
  return known ? [...versions] : [{ ...target, ...outcome }, ...versions].slice(0, rememberedVersions);
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

/** JSON with sorted keys: equal for equal values. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
