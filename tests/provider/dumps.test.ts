import assert from "node:assert/strict";
import fc from "fast-check";
import { dumpName, expiredDumps, restoreCommand } from "../../provider/dumps";

const day = 86_400_000;
const now = Date.parse("2026-02-01T00:00:00Z");
const dump = (daysAgo: number, service = "sample", version = "1.4.0") =>
  dumpName(service, version, new Date(now - daysAgo * day));
const options = { service: "sample", keepCount: 3, keepDays: 30, timeoutSeconds: 60, now };

describe("dumps", () => {
  it("are named by service, version and UTC time", () => {
    const at = new Date("2026-01-02T03:04:05.678Z");
    assert.equal(dumpName("sample", "1.4.0-rc.1", at), "sample-1.4.0-rc.1-20260102T030405Z.dump");
  });

  it("go when there are too many, the oldest first, each with its checksum", () => {
    const made = dump(0);
    const files = [dump(3), dump(1), made, dump(2), dump(4, "sample", "1.3.0-rc.1")];
    assert.deepEqual(expiredDumps(files, { ...options, made }), [
      dump(3),
      `${dump(3)}.sha256`,
      dump(4, "sample", "1.3.0-rc.1"),
      `${dump(4, "sample", "1.3.0-rc.1")}.sha256`,
    ]);
  });

  it("go when they are too old, however few", () => {
    const made = dump(0);
    assert.deepEqual(expiredDumps([dump(30), made, dump(31)], { ...options, made }), [
      dump(31),
      `${dump(31)}.sha256`,
    ]);
  });

  it("stay when they were just made, are of another service, or are something else", () => {
    const made = dump(0);
    const others = [
      dump(90, "sample-api"),
      dump(90, "sample-2"),
      dump(90, "other"),
      "sample.dump",
      "lost+found",
    ];
    const files = [made, `${made}.sha256`, ...others];
    assert.deepEqual(expiredDumps(files, { ...options, keepCount: 1, made }), []);
  });

  it("that were broken off go when nobody can be at them any more", () => {
    const made = dump(0);
    const recent = `${dump(0.0001)}.partial`;
    const broken = [`${dump(1)}.partial`, `${dump(1)}.sha256.partial`];
    assert.deepEqual(expiredDumps([made, recent, ...broken], { ...options, made }), broken);
  });

  it("are never more than asked for, nor older, and the newest stay", () => {
    const ages = fc.uniqueArray(fc.integer({ min: 1, max: 90 }), { maxLength: 20 });
    fc.assert(
      fc.property(ages, fc.integer({ min: 1, max: 10 }), (daysAgo, keepCount) => {
        const made = dump(0);
        const files = [made, ...daysAgo.map((age) => dump(age))];
        const gone = new Set(expiredDumps(files, { ...options, keepCount, made }));
        const kept = daysAgo.filter((age) => !gone.has(dump(age)));
        const expected = [...daysAgo].sort((a, b) => a - b).slice(0, keepCount - 1);
        assert.deepEqual(new Set(kept), new Set(expected.filter((age) => age <= 30)));
        assert.ok(!gone.has(made));
      }),
    );
  });
});

describe("restore command", () => {
  it("restores beside the database and then takes its place, in one line that a shell takes", () => {
    assert.equal(
      restoreCommand("slipway-postgres", "slipway", "book", "sample-1.4.0-20260102T030405Z.dump"),
      "docker exec slipway-postgres sh -c 'dropdb --if-exists -U slipway book_restored && " +
        "createdb --template=template0 -U slipway book_restored && " +
        "pg_restore --single-transaction --exit-on-error -U slipway -d book_restored /backups/sample-1.4.0-20260102T030405Z.dump && " +
        "dropdb --force -U slipway book && " +
        `psql -q -U slipway -d postgres -c "ALTER DATABASE book_restored RENAME TO book"'`,
    );
  });

  it("quotes names that a shell or Postgres would read otherwise", () => {
    const command = restoreCommand("c", "o'brien", 'my "book"', "f.dump");
    assert.match(command, /-U '\\''o'\\''\\'\\'''\\''brien'\\''/);
    assert.match(command, /RENAME TO "my ""book"""/);
  });
});
