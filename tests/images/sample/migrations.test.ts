import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  lastMigration,
  MigrationError,
  migrationsToRun,
  pendingMigrations,
  readMigrations,
  type Applied,
  type Migration,
} from "../../../images/sample/migrations";

const migration = (id: string): Migration => ({
  id,
  phase: "expand",
  up: `${id} up`,
  down: `${id} down`,
  checksum: `sum of ${id}`,
});
const applied = (id: string, checksum = `sum of ${id}`): Applied => ({
  id,
  phase: "expand",
  checksum,
  appliedAt: new Date(0),
});
const ids = (migrations: readonly Migration[]): string[] => migrations.map(({ id }) => id);

describe("migration files", () => {
  let folder: string;
  const write = (name: string, text = "-- phase: expand\nSELECT 1;\n"): void =>
    writeFileSync(join(folder, name), text);
  const fails = (message: string): void =>
    assert.throws(() => readMigrations(folder), new MigrationError(message));

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "slipway-test-migrations-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are read in their order, each with its phase and the checksum of its way up", () => {
    write("002_drop_a.up.sql", "-- phase: contract\nDROP TABLE a;\n");
    write("002_drop_a.down.sql");
    write("001_add_a.up.sql");
    write("001_add_a.down.sql");
    const [first, second] = readMigrations(folder);
    assert.deepEqual(
      [first, second].map((one) => [one?.id, one?.phase]),
      [
        ["001_add_a", "expand"],
        ["002_drop_a", "contract"],
      ],
    );
    assert.equal(second?.up, "-- phase: contract\nDROP TABLE a;\n");
    assert.equal(first?.checksum, "b5c91087ec2fb6a0505f7c2233f739d1b45abdce1d986e0bc303e793c276f4c9");
  });

  it("of the service itself are in order", () => {
    assert.deepEqual(ids(readMigrations("images/sample/migrations")), [
      "001_create_entries",
      "002_index_entries_by_time",
    ]);
  });

  it("need the way back", () => {
    write("001_a.up.sql");
    fails("001_a.down.sql is missing: every migration has its way back");
  });

  it("need a phase in their first line", () => {
    write("001_a.up.sql", "CREATE TABLE a ();\n-- phase: expand\n");
    write("001_a.down.sql");
    fails('001_a.up.sql: the first line must be "-- phase: expand" or "-- phase: contract"');
  });

  it("need a number of their own", () => {
    for (const name of ["001_a", "001_b"]) for (const way of ["up", "down"]) write(`${name}.${way}.sql`);
    fails("two migrations have the number 001; give one of them the next free number");
  });

  it("need a name that can be placed", () => {
    write("1_a.sql");
    fails("1_a.sql: migrations are named NNN_name.up.sql and NNN_name.down.sql");
  });
});

describe("migration planning", () => {
  const known = ["001_a", "002_b", "003_c"].map(migration);

  it("runs all on an empty database", () => {
    assert.deepEqual(ids(pendingMigrations(known, [])), ["001_a", "002_b", "003_c"]);
  });

  it("runs what is not applied yet", () => {
    assert.deepEqual(ids(pendingMigrations(known, [applied("001_a")])), ["002_b", "003_c"]);
  });

  it("leaves a newer version's migrations alone, as after a rollback", () => {
    const rows = [...known.map(({ id }) => applied(id)), applied("004_newer")];
    assert.deepEqual(pendingMigrations(known, rows), []);
  });

  it("refuses an applied migration that was changed since", () => {
    assert.throws(
      () => pendingMigrations(known, [applied("001_a", "other")]),
      new MigrationError(
        "001_a was changed after it was applied; restore it and write a new migration instead",
      ),
    );
  });

  it("refuses a migration that would run after a later one", () => {
    assert.throws(
      () => pendingMigrations(known, [applied("001_a"), applied("003_c")]),
      new MigrationError("002_b is older than 003_c, which is applied already; give it the next free number"),
    );
  });

  describe("by phase", () => {
    const expand = migration("003_e");
    const other = migration("004_e");
    const contract: Migration = { ...migration("005_c"), phase: "contract" };
    const late = migration("006_e");

    it("runs all without one, the expand ones before the release, the contract ones after it", () => {
      const pending = [expand, other, contract];
      assert.deepEqual(ids(migrationsToRun(pending, undefined, false)), ["003_e", "004_e", "005_c"]);
      assert.deepEqual(ids(migrationsToRun(pending, "expand", false)), ["003_e", "004_e"]);
      assert.deepEqual(ids(migrationsToRun([contract], "contract", false)), ["005_c"]);
      assert.deepEqual(ids(migrationsToRun([contract], "expand", false)), []);
      assert.deepEqual(ids(migrationsToRun([], "contract", false)), []);
    });

    it("refuses an expand migration behind a contract one", () => {
      for (const phase of ["expand", "contract"] as const) {
        assert.throws(
          () => migrationsToRun([expand, contract, late], phase, false),
          new MigrationError(
            "006_e (expand) is pending behind 005_c (contract), which runs only after the release; put 006_e in a later release",
          ),
        );
      }
    });

    it("refuses the contract phase while an expand migration is pending", () => {
      assert.throws(
        () => migrationsToRun([expand, contract], "contract", false),
        new MigrationError("003_e (expand) is pending and comes before the contract phase; run expand first"),
      );
    });

    it("keeps to the order alone on an empty database, where there is no version before", () => {
      const pending = [expand, contract, late, { ...contract, id: "007_c" }];
      assert.deepEqual(ids(migrationsToRun(pending, "expand", true)), ["003_e", "005_c", "006_e"]);
      assert.deepEqual(ids(migrationsToRun([contract], "expand", true)), []);
    });

    it("has run all in their order after expand and contract, or refuses", () => {
      const anyPhase = fc.constantFrom("expand" as const, "contract" as const);
      fc.assert(
        fc.property(fc.array(anyPhase, { maxLength: 8 }), fc.boolean(), (phases, isEmpty) => {
          const all = phases.map((phase, index) => ({ ...migration(`${index + 100}_m`), phase }));
          const isOrdered = !phases.join().includes("contract,expand");
          const first = () => migrationsToRun(all, "expand", isEmpty);
          if (!isEmpty && !isOrdered) return assert.throws(first, MigrationError);
          const expanded = first();
          const rest = all.slice(expanded.length);
          const contracted = migrationsToRun(rest, "contract", isEmpty && expanded.length === 0);
          assert.deepEqual([...expanded, ...contracted], all);
        }),
      );
    });
  });

  it("reverts the last one applied", () => {
    assert.equal(lastMigration(known, [applied("002_b"), applied("001_a")])?.id, "002_b");
    assert.equal(lastMigration(known, []), undefined);
  });

  it("reverts no migration that it does not know", () => {
    assert.throws(
      () => lastMigration(known, [applied("001_a"), applied("004_newer")]),
      new MigrationError("004_newer is not of this version; revert it with the version that applied it"),
    );
  });

  it("ends with everything applied in order, wherever it starts from", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), fc.nat(), (count, start) => {
        const all = Array.from({ length: count }, (_, index) => migration(`${String(index + 100)}_m`));
        const rows = all.slice(0, start % (count + 1)).map(({ id }) => applied(id));
        const after = [...rows.map(({ id }) => id), ...ids(pendingMigrations(all, rows))];
        assert.deepEqual(after, ids(all));
      }),
    );
  });
});
