import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { applyPending, listMigrations } from "../../pipeline/d1";
import { UserError } from "../../pipeline/user-error";
import { execute, migrationsFolder } from "../../pipeline/wrangler";

/** Wrangler itself, on its local database. */
describe("migrations of the Worker's database", function () {
  this.timeout(240_000);
  let root: string;
  let said: string[];
  const say = (line: string): void => void said.push(line);
  const d1 = (stack: string) => ({
    root,
    folder: join(root, ".slipway/d1", `${stack}-local`),
    databaseName: `slipway-${stack}-edge`,
    local: true,
    accountId: "account",
  });
  const userError = (message: RegExp | string) => (error: unknown) => {
    assert.ok(error instanceof UserError);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  };

  before(() => {
    root = mkdtempSync(join(tmpdir(), "slipway-test-d1-"));
    symlinkSync(resolve("node_modules"), join(root, "node_modules"));
    mkdirSync(join(root, "images"));
    cpSync(migrationsFolder, join(root, migrationsFolder), { recursive: true });
    const environment = (migrate: string) => ({ cloudflareAccount: "account", migrate });
    const environments = { staging: environment("automatic"), production: environment("approval") };
    writeFileSync(
      join(root, "Pulumi.yaml"),
      JSON.stringify({ config: { prefix: { default: "slipway" }, environments: { default: environments } } }),
    );
    for (const stack of ["local", "staging", "production"]) {
      writeFileSync(join(root, `Pulumi.${stack}.yaml`), "config: {}\n");
    }
  });
  beforeEach(() => {
    said = [];
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it("shows what is pending and applies just that, once someone approved it", async () => {
    const production = { stack: "production", local: true };
    await listMigrations(root, production, say);
    const text = said.join("\n");
    assert.match(text, /^Pending for slipway-production-edge \(local\):\n\n0001_create_notices\.sql\n {4}--/);
    assert.match(text, /\n0002_create_migration_approvals\.sql\n[^]*went through on an empty database/);
    const [, listed = ""] =
      /^Apply exactly these: npm run d1 -- apply --stack production --local --listed ([0-9a-f]{16}) --approved-by <who>$/.exec(
        said.at(-1) ?? "",
      ) ?? [];

    for (const approval of [{}, { listed }, { approvedBy: "Ada" }]) {
      await assert.rejects(
        applyPending(root, { ...production, ...approval }, say),
        userError(
          "production migrates by approval: apply needs --approved-by, and --listed with the digest that " +
            "`npm run d1 -- list --stack production` ends with. Nothing was applied.",
        ),
      );
    }
    await assert.rejects(
      applyPending(root, { ...production, listed: "0".repeat(16), approvedBy: "Ada" }, say),
      userError(
        `What is pending now has the digest ${listed}, not 0000000000000000 as listed: migrations were applied, added or changed since. ` +
          "List again, and have that approved. Nothing was applied.",
      ),
    );

    said = [];
    await applyPending(root, { ...production, listed, approvedBy: "Ada O'Hara" }, say);
    assert.equal(
      said.at(-1),
      "Applied to slipway-production-edge (local): 0001_create_notices.sql, 0002_create_migration_approvals.sql",
    );
    assert.deepEqual(
      await execute(
        d1("production"),
        "SELECT name FROM d1_migrations; SELECT migrations, approved_by FROM migration_approvals",
      ),
      [
        [{ name: "0001_create_notices.sql" }, { name: "0002_create_migration_approvals.sql" }],
        [
          {
            migrations: "0001_create_notices.sql 0002_create_migration_approvals.sql",
            approved_by: "Ada O'Hara",
          },
        ],
      ],
    );
    said = [];
    await listMigrations(root, production, say);
    assert.deepEqual(said, ["Nothing is pending for slipway-production-edge (local)."]);
  });

  it("applies nothing when a migration fails in the trial", async () => {
    const broken = join(root, migrationsFolder, "0003_broken.sql");
    writeFileSync(broken, "ALTER TABLE no_such_table ADD COLUMN x TEXT;");
    await assert.rejects(
      applyPending(root, { stack: "staging", local: true }, say),
      userError(/^`wrangler d1 migrations apply` failed:[^]*no such table: no_such_table/),
    );
    rmSync(broken);
    await applyPending(root, { stack: "staging", local: true }, say);
    assert.equal(
      said.at(-1),
      "Applied to slipway-staging-edge (local): 0001_create_notices.sql, 0002_create_migration_approvals.sql",
    );
  });

  it("refuses a migration whose name says no order", async () => {
    const unfit = join(root, migrationsFolder, "add-colour.sql");
    writeFileSync(unfit, "");
    await assert.rejects(
      listMigrations(root, { stack: "staging", local: true }, say),
      userError(
        "images/worker/migrations has add-colour.sql; a migration is called such as 0003_add_colour.sql: four digits, then letters, digits and _.",
      ),
    );
    rmSync(unfit);
  });

  it("names the stacks that have a database, and asks for a token where it is at Cloudflare", async () => {
    await assert.rejects(
      listMigrations(root, { stack: "local" }, say),
      userError('"local" has no D1 database; these have: staging, production.'),
    );
    const token = process.env["CLOUDFLARE_API_TOKEN"];
    delete process.env["CLOUDFLARE_API_TOKEN"];
    try {
      await assert.rejects(
        listMigrations(root, { stack: "staging" }, say),
        userError(/^CLOUDFLARE_API_TOKEN is not set: the database of staging is at Cloudflare\./),
      );
    } finally {
      if (token !== undefined) process.env["CLOUDFLARE_API_TOKEN"] = token;
    }
  });
});
