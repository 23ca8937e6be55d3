/** `npm run d1`: the Worker's database at Cloudflare and its migrations, listed and applied. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { openProjectConfig } from "./project-config";
import type { Say } from "./setup/step";
import { UserError } from "./user-error";
import { applyMigrations, execute, migrationsFolder, pendingNames, type D1 } from "./wrangler";

export interface D1Options {
  readonly stack: string;
  /** The database in Wrangler's local mode, under `.slipway`. */
  readonly local?: boolean;
}

export interface D1ApplyOptions extends D1Options {
  /** The digest that `list` ended with: what is pending must still be that. */
  readonly listed?: string;
  readonly approvedBy?: string;
}

interface Pending {
  readonly migrations: readonly { readonly name: string; readonly sql: string }[];
  /** Of names and contents: an approval is of exactly these. */
  readonly digest: string;
}

/**
 * Shows what would be applied, after a trial on an empty database on this machine.
 *
 * @throws UserError for a stack without such a database, and when a migration fails in the trial
 */
export async function listMigrations(root: string, options: D1Options, say: Say): Promise<void> {
  const { d1, byApproval } = openDatabase(root, options);
  const { migrations, digest } = await readPending(d1);
  show(d1, migrations, say);
  if (migrations.length === 0) return;
  await tryOut(d1, say);
  const where = `--stack ${options.stack}${d1.local ? " --local" : ""}`;
  say(
    `Apply exactly these: npm run d1 -- apply ${where} --listed ${digest}${byApproval ? " --approved-by <who>" : ""}`,
  );
}

/**
 * Applies what is pending, once it went through the trial. Where the environment migrates by approval, only what was listed, and only with a name,
 * which the database keeps.
 *
 * @throws UserError when an approval is missing, or what is pending is not what was listed: then nothing was applied
 */
export async function applyPending(root: string, options: D1ApplyOptions, say: Say): Promise<void> {
  const { d1, byApproval } = openDatabase(root, options);
  if (byApproval && (options.listed === undefined || options.approvedBy === undefined)) {
    throw new UserError(
      `${options.stack} migrates by approval: apply needs --approved-by, and --listed with the digest that ` +
        `\`npm run d1 -- list --stack ${options.stack}\` ends with. Nothing was applied.`,
    );
  }
  const { migrations, digest } = await readPending(d1);
  if (options.listed !== undefined && options.listed !== digest) {
    throw new UserError(
      `What is pending now has the digest ${digest}, not ${options.listed} as listed: migrations were applied, added or changed since. ` +
        "List again, and have that approved. Nothing was applied.",
    );
  }
  show(d1, migrations, say);
  if (migrations.length === 0) return;
  // What was listed went through the trial then: the digest stands for the contents.
  if (options.listed === undefined) await tryOut(d1, say);
  await applyMigrations(d1);
  const names = migrations.map(({ name }) => name);
  if (options.approvedBy !== undefined) {
    const values = [names.join(" "), options.approvedBy].map(quoted).join(", ");
    await execute(d1, `INSERT INTO migration_approvals (migrations, approved_by) VALUES (${values})`);
  }
  say(`Applied to ${describe(d1)}: ${names.join(", ")}`);
}

const environmentsSchema = z.record(
  z.string(),
  z.object({ cloudflareAccount: z.string(), migrate: z.enum(["automatic", "approval"]) }),
);

/** Reads the stack's row in the table of environments. */
function openDatabase(root: string, { stack, local = false }: D1Options): { d1: D1; byApproval: boolean } {
  const config = openProjectConfig(root, "local");
  const environments = environmentsSchema.parse(config("environments"));
  const environment = environments[stack];
  if (environment === undefined) {
    throw new UserError(
      `"${stack}" has no D1 database; these have: ${Object.keys(environments).join(", ")}.`,
    );
  }
  if (!local && (process.env["CLOUDFLARE_API_TOKEN"] ?? "") === "") {
    throw new UserError(
      `CLOUDFLARE_API_TOKEN is not set: the database of ${stack} is at Cloudflare. Set it to a token that may edit D1 in the account ` +
        `${environment.cloudflareAccount}, or use --local for a database on this machine.`,
    );
  }
  return {
    d1: {
      root,
      folder: join(root, ".slipway/d1", local ? `${stack}-local` : stack),
      databaseName: `${String(openProjectConfig(root, stack)("prefix"))}-${stack}-edge`,
      local,
      accountId: environment.cloudflareAccount,
    },
    byApproval: environment.migrate === "approval",
  };
}

async function readPending(d1: D1): Promise<Pending> {
  const folder = join(d1.root, migrationsFolder);
  const unfit = readdirSync(folder).filter((name) => name.endsWith(".sql") && !/^\d{4}_\w+\.sql$/.test(name));
  if (unfit.length > 0) {
    throw new UserError(
      `${migrationsFolder} has ${unfit.join(", ")}; a migration is called such as 0003_add_colour.sql: four digits, then letters, digits and _.`,
    );
  }
  const names = await pendingNames(d1);
  const migrations = names.map((name) => ({ name, sql: readFileSync(join(folder, name), "utf8") }));
  const digest = createHash("sha256").update(JSON.stringify(migrations)).digest("hex").slice(0, 16);
  return { migrations, digest };
}

function show(d1: D1, migrations: Pending["migrations"], say: Say): void {
  if (migrations.length === 0) return say(`Nothing is pending for ${describe(d1)}.`);
  say(`Pending for ${describe(d1)}:`);
  for (const { name, sql } of migrations) {
    say(`\n${name}\n${sql.trimEnd().replace(/^/gm, "    ")}`);
  }
}

/** Runs all migrations from the first on where they can do no harm. It tells faults of their SQL, not those of the data they will meet. */
async function tryOut(d1: D1, say: Say): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-d1-"));
  try {
    await applyMigrations({ ...d1, folder, local: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say("\nAll migrations went through on an empty database on this machine.");
}

function describe({ databaseName, local }: D1): string {
  return local ? `${databaseName} (local)` : databaseName;
}

/** A text as SQL has it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
