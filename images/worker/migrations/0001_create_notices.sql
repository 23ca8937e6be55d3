-- What the operators tell the users, from one time to another (ISO 8601, UTC, such as 2026-01-31T08:00:00Z).
CREATE TABLE notices (
  id INTEGER PRIMARY KEY,
  message TEXT NOT NULL CHECK (length(message) BETWEEN 1 AND 500),
  starts_at TEXT NOT NULL,
  ends_at TEXT NOT NULL CHECK (ends_at > starts_at)
) STRICT;
CREATE INDEX notices_by_end ON notices (ends_at);
