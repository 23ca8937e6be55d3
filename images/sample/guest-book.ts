/** The guest book's entries, in Postgres. */
import { Pool } from "pg";
import type { PostgresConfig } from "./config";
import type { Entry, NewEntry } from "./entry";
import { log, reason } from "./log";

export interface GuestBook {
  /** Throws when Postgres does not answer. */
  ping(): Promise<void>;
  add(entry: NewEntry): Promise<Entry>;
  /** The newest entries first. */
  latest(): Promise<Entry[]>;
  close(): Promise<void>;
}

const pageSize = 20;
const columns = `id, name, message, created_at AS "createdAt"`;

export function openGuestBook(config: PostgresConfig): GuestBook {
  const pool = new Pool({
    ...config,
    // A dozen replicas, of old and new versions together, share the hundred connections that Postgres takes.
    max: 8,
    connectionTimeoutMillis: 5_000,
    // Connections are kept over a lull: many new ones at once are what a busy Postgres is slowest at.
    idleTimeoutMillis: 60_000,
    query_timeout: 5_000,
    statement_timeout: 5_000,
    application_name: "sample",
  });
  // An idle connection that breaks leaves the pool by itself; without a listener it would end the process.
  pool.on("error", (error) => log("warn", "Postgres connection lost", { reason: reason(error) }));
  // Named, and so prepared: each connection plans a statement once.
  return {
    async ping() {
      await pool.query("SELECT 1");
    },
    async add(entry) {
      const { rows } = await pool.query<Entry>({
        name: "add",
        text: `INSERT INTO entries (name, message) VALUES ($1, $2) RETURNING ${columns}`,
        values: [entry.name, entry.message],
      });
      return rows[0] as Entry;
    },
    async latest() {
      const { rows } = await pool.query<Entry>({
        name: "latest",
        text: `SELECT ${columns} FROM entries ORDER BY created_at DESC, id DESC LIMIT $1`,
        values: [pageSize],
      });
      return rows;
    },
    close: () => pool.end(),
  };
}
