-- Who let which migrations be applied, beside d1_migrations, which knows when.
CREATE TABLE migration_approvals (
  id INTEGER PRIMARY KEY,
  migrations TEXT NOT NULL,
  approved_by TEXT NOT NULL,
  approved_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;
