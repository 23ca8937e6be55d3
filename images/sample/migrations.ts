/**
 * Migrations as files, and what is to be done with them: no database here.
 *
 * While a release goes out, the version before runs beside it on the same schema. A change that would break that version is therefore
 * made in two releases, each with a migration of its own:
 *
 *     -- phase: expand     runs before the new version has traffic and only adds: a table, an index, a column that may be empty
 *     -- phase: contract   runs once the new version has all traffic, and takes away what no version that runs still needs
 *
 * To rename a column: release 1 adds the new one (expand), writes both and fills it; release 2 reads the new one and drops the old one
 * (contract). In a release, the expand migrations come before the contract ones. After a contract migration there is no rolling
 * back to the version before: the way back is the backup.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Phase = "expand" | "contract";

export interface Migration {
  /** The file's name without `.up.sql`: `001_create_entries`. */
  id: string;
  phase: Phase;
  up: string;
  down: string;
  checksum: string;
}

/** A row of schema_migrations. */
export interface Applied {
  id: string;
  phase: string;
  checksum: string;
  appliedAt: Date;
}

export class MigrationError extends Error {}

const fileName = /^(\d{3}_[a-z0-9_]+)\.(up|down)\.sql$/;
const header = /^-- phase: (expand|contract)\n/;

/** The migrations of a folder in their order. Throws MigrationError for a file it cannot place. */
export function readMigrations(folder: string): Migration[] {
  const files = readdirSync(folder).sort();
  const strange = files.find((file) => !fileName.test(file));
  if (strange)
    throw new MigrationError(`${strange}: migrations are named NNN_name.up.sql and NNN_name.down.sql`);
  const ids = [...new Set(files.map((file) => fileName.exec(file)?.[1] ?? ""))];
  const numbers = ids.map((id) => id.slice(0, 3));
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (twice)
    throw new MigrationError(
      `two migrations have the number ${twice}; give one of them the next free number`,
    );
  return ids.map((id) => {
    const [down, up] = ["down", "up"].map((direction) => {
      const file = `${id}.${direction}.sql`;
      if (!files.includes(file))
        throw new MigrationError(`${file} is missing: every migration has its way back`);
      const sql = readFileSync(join(folder, file), "utf8");
      if (!header.test(sql))
        throw new MigrationError(
          `${file}: the first line must be "-- phase: expand" or "-- phase: contract"`,
        );
      return sql;
    }) as [string, string];
    const phase = header.exec(up)?.[1] as Phase;
    return { id, phase, up, down, checksum: createHash("sha256").update(up).digest("hex") };
  });
}

/**
 * The migrations still to run, in their order. Migrations that the database has beyond this version's own are the
 * newer version's and stay: after a rollback the older version runs on the newer, expanded schema.
 *
 * Throws MigrationError when an applied migration was changed since, or one would run after a later one.
 */
export function pendingMigrations(known: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const checksums = new Map(applied.map((row) => [row.id, row.checksum]));
  const changed = known.find((one) => checksums.has(one.id) && checksums.get(one.id) !== one.checksum);
  if (changed) {
    throw new MigrationError(
      `${changed.id} was changed after it was applied; restore it and write a new migration instead`,
    );
  }
  const pending = known.filter((one) => !checksums.has(one.id));
  const first = pending[0]?.id;
  const later = first === undefined ? undefined : applied.find((row) => row.id > first);
  if (later) {
    throw new MigrationError(
      `${first} is older than ${later.id}, which is applied already; give it the next free number`,
    );
  }
  return pending;
}

/**
 * What of the pending migrations a run applies, in their order: those of a phase, or all without one. On an empty database there is no
 * version before: then `expand` applies what its own need, contract ones among them.
 *
 * Throws MigrationError when a pending migration of the other phase would have to come first.
 */
export function migrationsToRun(
  pending: readonly Migration[],
  phase: Phase | undefined,
  isEmpty: boolean,
): readonly Migration[] {
  if (phase === undefined) return pending;
  const lastExpand = pending.findLast((one) => one.phase === "expand");
  const contract = pending.find((one) => one.phase === "contract");
  if (isEmpty) {
    const end = lastExpand === undefined ? 0 : pending.indexOf(lastExpand) + 1;
    return phase === "expand" ? pending.slice(0, end) : pending;
  }
  if (lastExpand && contract && pending.indexOf(contract) < pending.indexOf(lastExpand)) {
    throw new MigrationError(
      `${lastExpand.id} (expand) is pending behind ${contract.id} (contract), which runs only after the release; ` +
        `put ${lastExpand.id} in a later release`,
    );
  }
  if (phase === "contract" && lastExpand) {
    throw new MigrationError(
      `${lastExpand.id} (expand) is pending and comes before the contract phase; run expand first`,
    );
  }
  return pending.filter((one) => one.phase === phase);
}

/** The migration to revert: the last one applied. Throws MigrationError when this version has no way back for it. */
export function lastMigration(
  known: readonly Migration[],
  applied: readonly Applied[],
): Migration | undefined {
  const last = applied
    .map((row) => row.id)
    .sort()
    .at(-1);
  if (last === undefined) return undefined;
  const migration = known.find((one) => one.id === last);
  if (!migration)
    throw new MigrationError(`${last} is not of this version; revert it with the version that applied it`);
  return migration;
}
