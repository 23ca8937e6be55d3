import { dumpFolder, dumpName, expiredDumps, restoreCommand } from "../dumps";
import type { BackupFacts } from "../history/entry";
import { listMigrations, pendingIds } from "../migration-list";
import type { OneOff, Outcome } from "../one-off";
import { describeEnd, lastLines } from "../one-off";
import type { Context, ResourceKind } from "../resource";
import { type BackupInputs, backupSchema } from "../schema/backup";

export interface BackupOutputs {
  /** Ids of the migrations that were pending, of both phases. */
  pending: string[];
  /** The dump; null when nothing was pending, or the dump is gone. */
  backup: BackupFacts | null;
}

/** The database as it was before a version's migrations. It is taken once for an image; deleting the resource leaves the dumps. */
export const backup: ResourceKind<BackupInputs, BackupOutputs> = {
  schema: backupSchema,
  identity: ["service", "version"],
  id: ({ service, version }) => `${service}-${version}`,
  create: take,
  async update(inputs, old, context) {
    const before = { pending: old.pending, backup: old.backup };
    if (inputs.image === old.image) return before;
    const now = await take(inputs, context);
    return now.backup === null ? before : now;
  },
  delete: async () => undefined,
  async read(old, context) {
    const { pending, backup: facts } = old;
    const isThere = facts !== null && (await isOnVolume(old, facts.file, context));
    return { pending, backup: isThere ? facts : null };
  },
  foresee(inputs, old) {
    if (old?.["pending"] === undefined || inputs["image"] !== old["image"]) return {};
    return { pending: old["pending"], backup: old["backup"] ?? null };
  },
};

/**
 * Makes `$1.partial`, which pg_dump itself brings to the disk, and renames it when it can be read and its checksum stands beside it.
 * Prints what is on the volume, then the dump's checksum and size.
 */
const dumpScript = `
set -eu
cd "$2"
trap 'rm -f -- "$1.partial" "$1.sha256.partial"' EXIT
pg_dump --format=custom --no-password --file="$1.partial"
pg_restore --list "$1.partial" > /dev/null
sum=$(sha256sum < "$1.partial")
echo "\${sum%% *}  $1" > "$1.sha256.partial"
sync "$1.sha256.partial"
mv "$1.sha256.partial" "$1.sha256"
mv "$1.partial" "$1"
sync .
ls -A | sed 's/^/file /'
echo "dump \${sum%% *} $(wc -c < "$1")"
`;

async function take(inputs: BackupInputs, context: Context): Promise<BackupOutputs> {
  const pending = pendingIds(await listMigrations(inputs, "backup-list", context));
  if (pending.length === 0) return { pending, backup: null };
  context.progress(`migrations pending: ${pending.join(", ")}; dumping ${inputs.env.PGDATABASE} first`);

  const takenAt = new Date();
  const file = dumpName(inputs.service, inputs.version, takenAt);
  const outcome = await onVolume(inputs, ["sh", "-c", dumpScript, "sh", file, dumpFolder], context);
  const [, sha256, bytes] = /^dump ([0-9a-f]{64}) (\d+)$/m.exec(outcome.output) ?? [];
  if (outcome.exitCode !== 0 || sha256 === undefined) {
    throw new Error(
      [
        `The backup of ${inputs.env.PGDATABASE} before ${inputs.service}-${inputs.version} failed: ` +
          `${describeEnd(["pg_dump"], outcome)}. Nothing was changed; what was live before is still live.`,
        lastLines(outcome.output),
      ].join("\n"),
    );
  }
  context.progress(`backup ${file}: ${bytes} bytes, verified`);
  const files = [...outcome.output.matchAll(/^file (.+)$/gm)].map((match) => match[1] ?? "");
  await removeExpired(inputs, { files, made: file, now: takenAt.getTime() }, context);
  const { PGUSER: user, PGDATABASE: database } = inputs.env;
  const restore = restoreCommand(inputs.postgresContainer, user, database, file);
  const facts = {
    file,
    sha256,
    bytes: Number(bytes),
    takenAt: takenAt.toISOString(),
    restoreCommand: restore,
  };
  return { pending, backup: facts };
}

async function removeExpired(
  inputs: BackupInputs,
  found: { files: string[]; made: string; now: number },
  context: Context,
): Promise<void> {
  const { service, keepCount, keepDays, timeoutSeconds } = inputs;
  const expired = expiredDumps(found.files, {
    ...{ service, keepCount, keepDays, timeoutSeconds },
    ...{ made: found.made, now: found.now },
  });
  if (expired.length === 0) return;
  const paths = expired.map((file) => `${dumpFolder}/${file}`);
  const outcome = await onVolume(inputs, ["rm", "-f", "--", ...paths], context);
  if (outcome.exitCode !== 0) {
    throw new Error(
      [
        `The backup ${found.made} is taken, but older ones cannot be removed: ${describeEnd(["rm"], outcome)}.`,
        lastLines(outcome.output),
      ].join("\n"),
    );
  }
}

/** A dump that a disk lost, or someone removed, is no way back. */
async function isOnVolume(inputs: BackupInputs, file: string, context: Context): Promise<boolean> {
  return (await onVolume(inputs, ["test", "-s", `${dumpFolder}/${file}`], context)).exitCode === 0;
}

/** Runs a command with Postgres' own programs and the volume, of the service's environment only what libpq reads. */
function onVolume(inputs: BackupInputs, command: readonly string[], context: Context): Promise<Outcome> {
  const { service, network, memoryMb, timeoutSeconds } = inputs;
  const env = Object.fromEntries(Object.entries(inputs.env).filter(([name]) => name.startsWith("PG")));
  const oneOff: OneOff = {
    ...{ task: "backup", service, command, env, network, memoryMb, timeoutSeconds },
    image: inputs.postgresImage,
    user: "postgres",
    volume: { name: inputs.volume, path: dumpFolder },
  };
  return context.runOnce(oneOff, context.signal);
}
