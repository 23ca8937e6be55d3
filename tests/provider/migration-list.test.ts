import assert from "node:assert/strict";
import { parseMigrations, pendingIds } from "../../provider/migration-list";

const output = `
> sample@1.4.0 migration:list
> node /app/migrate.js list

applied expand   001_create_entries 2026-01-02T03:04:05.678Z
applied contract 002_drop_name 2026-01-02T03:04:05.678Z\r
pending expand   003_add_author
pending contract 004_drop_writer
pending nothing  005_odd
npm notice New version of npm: pending expand 006_x
`;

describe("a list of migrations", () => {
  it("has one for each line that tells of one; what npm says beside it does not count", () => {
    assert.deepEqual(parseMigrations(output), [
      { id: "001_create_entries", phase: "expand", state: "applied" },
      { id: "002_drop_name", phase: "contract", state: "applied" },
      { id: "003_add_author", phase: "expand", state: "pending" },
      { id: "004_drop_writer", phase: "contract", state: "pending" },
    ]);
  });

  it("tells what is pending, of one phase or of both", () => {
    const migrations = parseMigrations(output);
    assert.deepEqual(pendingIds(migrations), ["003_add_author", "004_drop_writer"]);
    assert.deepEqual(pendingIds(migrations, "expand"), ["003_add_author"]);
    assert.deepEqual(pendingIds(migrations, "contract"), ["004_drop_writer"]);
  });
});
