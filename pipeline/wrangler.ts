/** Wrangler on one D1 database, its configuration written anew for every call. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { UserError } from "./user-error";

/** Where the Worker's migrations are, from the project's folder on. */
export const migrationsFolder = "images/worker/migrations";

export interface D1 {
  readonly root: string;
  /** Where Wrangler's configuration goes, and with `local` the database and Wrangler's own files too. */
  readonly folder: string;
  readonly databaseName: string;
  /** The database in Wrangler's local mode, on this machine, in place of the one at Cloudflare. */
  readonly local: boolean;
  /** Cloudflare's id of the account. */
  readonly accountId: string;
}

/**
 * Runs a command of `wrangler d1`, and answers what it printed.
 *
 * @throws UserError with what Wrangler said, when it fails
 */
async function wrangler(d1: D1, args: readonly string[], again = true): Promise<string> {
  const { root, folder, local, accountId } = d1;
  const result = await execa(
    process.execPath,
    [join(root, "node_modules/wrangler/bin/wrangler.js"), ...args],
    {
      cwd: folder,
      reject: false,
      stdin: "ignore",
      env: {
        CLOUDFLARE_ACCOUNT_ID: accountId,
        // No questions, no greetings, no reports home.
        CI: "1",
        WRANGLER_HIDE_BANNER: "true",
        WRANGLER_SEND_METRICS: "false",
        FORCE_COLOR: "0",
        ...(local ? { XDG_CONFIG_HOME: folder, WRANGLER_LOG_PATH: join(folder, "logs") } : {}),
      },
    },
  );
  if (result.exitCode === 0) return result.stdout;
  // On a machine that starves it, Wrangler finds the connection to its local runtime closed before the first byte went out.
  if (local && again && /other side closed/.test(result.stderr + result.stdout))
    return wrangler(d1, args, false);
  const said = `${result.stdout}\n${result.stderr}`.trim();
  throw new UserError(`\`wrangler ${args.slice(0, 3).join(" ")}\` failed:\n${said}`);
}

/** Writes the configuration, with the database's id at Cloudflare looked up by its name; answers what every command is called with. */
async function configure(d1: D1): Promise<string[]> {
  mkdirSync(d1.folder, { recursive: true });
  const file = join(d1.folder, "wrangler.json");
  const database = {
    binding: "DB",
    database_name: d1.databaseName,
    database_id: d1.local ? "local" : await databaseId(d1),
    migrations_dir: join(d1.root, migrationsFolder),
  };
  writeFileSync(file, JSON.stringify({ name: d1.databaseName, d1_databases: [database] }));
  return ["--config", file, ...(d1.local ? ["--local", "--persist-to", d1.folder] : ["--remote"])];
}

async function databaseId(d1: D1): Promise<string> {
  const databases = JSON.parse(await wrangler(d1, ["d1", "list", "--json"])) as {
    name: string;
    uuid: string;
  }[];
  const database = databases.find(({ name }) => name === d1.databaseName);
  if (database !== undefined) return database.uuid;
  throw new UserError(
    `The account ${d1.accountId} has no D1 database "${d1.databaseName}"; it has: ` +
      `${databases.map(({ name }) => name).join(", ") || "none"}. The stack's first update makes it.`,
  );
}

/** Names of the migrations that the database does not have yet, in their order. */
export async function pendingNames(d1: D1): Promise<string[]> {
  const table = await wrangler(d1, ["d1", "migrations", "list", "DB", ...(await configure(d1))]);
  return [...table.matchAll(/\b\d{4}_\w+\.sql\b/g)].map(([name]) => name);
}

/** Applies all pending migrations; one that fails is taken back, those before it stay. */
export async function applyMigrations(d1: D1): Promise<void> {
  await wrangler(d1, ["d1", "migrations", "apply", "DB", ...(await configure(d1))]);
}

/** Runs statements, and answers the rows of each. */
export async function execute(d1: D1, sql: string): Promise<unknown[][]> {
  const args = ["d1", "execute", "DB", ...(await configure(d1)), "--json", "--yes", "--command", sql];
  const answers = JSON.parse(await wrangler(d1, args)) as { results: unknown[] }[];
  return answers.map(({ results }) => results);
}
