-- Successor logs (README, ADR 6): which volumes there are after the first, and to which one a batch belongs.

CREATE TABLE record_volume (
  number INTEGER PRIMARY KEY,
  origin TEXT NOT NULL,
  ended_policy TEXT NOT NULL,
  began INTEGER NOT NULL
) STRICT;

CREATE TABLE record_batch_new (
  epoch INTEGER PRIMARY KEY,
  entry BLOB NOT NULL,
  idx INTEGER NOT NULL,
  at INTEGER NOT NULL,
  looks INTEGER NOT NULL,
  padded INTEGER NOT NULL,
  pad_seed BLOB NOT NULL,
  root BLOB NOT NULL,
  map_root BLOB NOT NULL,
  volume INTEGER NOT NULL,
  UNIQUE (volume, idx)
) STRICT;
INSERT INTO record_batch_new (epoch, entry, idx, at, looks, padded, pad_seed, root, map_root, volume)
  SELECT epoch, entry, idx, at, looks, padded, pad_seed, root, map_root, 1 FROM record_batch;
DROP TABLE record_batch;
ALTER TABLE record_batch_new RENAME TO record_batch;
