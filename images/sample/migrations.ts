/** Migrations as files, and what is to be done with them: no database here. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `expand` only adds, so the version before still works with it; `contract` removes what only that version needed.
 */
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
