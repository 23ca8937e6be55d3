/** Runs migrations on Postgres: one transaction each, one runner at a time. */
import { Client } from "pg";
import type { PostgresConfig } from "./config";
import { lastMigration, pendingMigrations, type Applied, type Migration } from "./migrations";

/** Any fixed number; every runner of this service takes the same lock. */
const advisoryLock = 7_102_024;

/** One line of `list`. */
export interface MigrationState {
  id: string;
  phase: string;
  state: "applied" | "pending";
  appliedAt?: Date;
}

/** Applies what is pending and returns the ids in their order. */
export async function run(config: PostgresConfig, known: readonly Migration[]): Promise<string[]> {
  return withLock(config, async (client) => {
    const pending = pendingMigrations(known, await readApplied(client));
    for (const migration of pending) {
      await inTransaction(client, migration.up, {
        text: "INSERT INTO schema_migrations (id, phase, checksum) VALUES ($1, $2, $3)",
        values: [migration.id, migration.phase, migration.checksum],
      });
    }
    return pending.map((migration) => migration.id);
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
    await inTransaction(client, migration.down, {
      text: "DELETE FROM schema_migrations WHERE id = $1",
      values: [migration.id],
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
    return await action(client);
  } finally {
    // Closing the session gives the lock back.
    await client.end();
  }
}

async function readApplied(client: Client): Promise<Applied[]> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS schema_migrations (
       id text PRIMARY KEY,
       phase text NOT NULL,
       checksum text NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT now()
     )`,
  );
  const { rows } = await client.query<Applied>(
    `SELECT id, phase, checksum, applied_at AS "appliedAt" FROM schema_migrations ORDER BY id COLLATE "C"`,
  );
  return rows;
}

async function inTransaction(
  client: Client,
  sql: string,
  record: { text: string; values: string[] },
): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(sql);
    await client.query(record);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
