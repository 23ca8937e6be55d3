/** Runs migrations on Postgres: one transaction for all of a run, one runner at a time. */
import { Client } from "pg";
import type { PostgresConfig } from "./config";
import { reason } from "./log";
import {
  lastMigration,
  migrationsToRun,
  pendingMigrations,
  type Applied,
  type Migration,
  type Phase,
} from "./migrations";

/** Any fixed number; every runner of this service takes the same lock. */
const advisoryLock = 7_102_024;

/** One line of `list`. */
export interface MigrationState {
  id: string;
  phase: string;
  state: "applied" | "pending";
  appliedAt?: Date;
}

/**
 * Applies what is pending, of one phase or all, and returns the ids in their order. One that fails leaves the database as it was before
 * the run, and its error says which it was.
 */
export async function run(
  config: PostgresConfig,
  known: readonly Migration[],
  phase?: Phase,
): Promise<string[]> {
  return withLock(config, async (client) => {
    const applied = await readApplied(client);
    const migrations = migrationsToRun(pendingMigrations(known, applied), phase, applied.length === 0);
    if (migrations.length === 0) return [];
    await inTransaction(client, async () => {
      await client.query(createTable);
      for (const { id, phase: its, up, checksum } of migrations) {
        try {
          await client.query(up);
        } catch (error) {
          throw new Error(`${id}: ${reason(error)}; nothing was changed`, { cause: error });
        }
        await client.query("INSERT INTO schema_migrations (id, phase, checksum) VALUES ($1, $2, $3)", [
          id,
          its,
          checksum,
        ]);
      }
    });
    return migrations.map(({ id }) => id);
  });
}

/** Reverts the last applied migration and returns its id; undefined when none is applied. */
export async function revert(
  config: PostgresConfig,
  known: readonly Migration[],
): Promise<string | undefined> {
  return withLock(config, async (client) => {
    const migration = lastMigration(known, await readApplied(client));
    if (!migration) return undefined;
    await inTransaction(client, async () => {
      await client.query(migration.down);
      await client.query("DELETE FROM schema_migrations WHERE id = $1", [migration.id]);
    });
    return migration.id;
  });
}

/** All migrations, those applied (also by a newer version) and those pending, in their order. */
export async function list(config: PostgresConfig, known: readonly Migration[]): Promise<MigrationState[]> {
  return withLock(config, async (client) => {
    const applied = await readApplied(client);
    const pending = pendingMigrations(known, applied);
    return [
      ...applied.map(({ id, phase, appliedAt }) => ({ id, phase, state: "applied" as const, appliedAt })),
      ...pending.map(({ id, phase }) => ({ id, phase, state: "pending" as const })),
    ];
  });
}

async function withLock<T>(config: PostgresConfig, action: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ ...config, connectionTimeoutMillis: 5_000, application_name: "migrate" });
  // A connection lost on the way fails the query that is under way; without a listener it would end the process too.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("SET lock_timeout = '60s'");
    await client.query("SELECT pg_advisory_lock($1)", [advisoryLock]);
    // Not behind a request that holds its table for long: all others would queue behind the migration.
    await client.query("SET lock_timeout = '5s'");
    // A runner that was killed must not go on in the server: nobody would tell it to commit.
    await client.query("SET client_connection_check_interval = '1s'");
    return await action(client);
  } finally {
    // Closing the session gives the lock back.
    await client.end();
  }
}

const createTable = `CREATE TABLE IF NOT EXISTS schema_migrations (
  id text PRIMARY KEY,
  phase text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`;

async function readApplied(client: Client): Promise<Applied[]> {
  const { rows: tables } = await client.query("SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL");
  if (tables.length === 0) return [];
  const { rows } = await client.query<Applied>(
    `SELECT id, phase, checksum, applied_at AS "appliedAt" FROM schema_migrations ORDER BY id COLLATE "C"`,
  );
  return rows;
}

async function inTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query("BEGIN");
  try {
    await work();
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
