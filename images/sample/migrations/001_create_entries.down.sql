-- phase: expand
DROP TABLE entries;
