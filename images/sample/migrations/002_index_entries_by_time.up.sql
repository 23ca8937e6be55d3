-- phase: expand
CREATE INDEX entries_by_time ON entries (created_at DESC, id DESC);
