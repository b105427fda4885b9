-- The public record and the access register. What each table is for: README.md.

CREATE TABLE record_log (
  log TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  checkpoint TEXT NOT NULL,
  signed_at INTEGER NOT NULL,
  cosigned TEXT,
  cosigned_size INTEGER,
  cosigned_at INTEGER,
  frozen TEXT,
  frozen_at INTEGER
) STRICT;

CREATE TABLE record_entry (
  id BLOB PRIMARY KEY,
  log TEXT NOT NULL,
  body BLOB NOT NULL,
  at INTEGER NOT NULL,
  idx INTEGER,
  UNIQUE (log, idx)
) STRICT;
CREATE INDEX record_entry_pending ON record_entry (log, id) WHERE idx IS NULL;

CREATE TABLE record_tile (
  log TEXT NOT NULL,
  level INTEGER NOT NULL,
  tile INTEGER NOT NULL,
  width INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (log, level, tile)
) STRICT;

CREATE TABLE record_opening (
  entry BLOB PRIMARY KEY,
  subject BLOB NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX record_opening_subject ON record_opening (subject, entry);

CREATE TABLE record_head (
  subject BLOB PRIMARY KEY,
  person BLOB NOT NULL UNIQUE,
  seq INTEGER NOT NULL,
  head BLOB NOT NULL,
  newest BLOB NOT NULL
) STRICT;

CREATE TABLE record_look (
  id BLOB PRIMARY KEY,
  subject BLOB NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  reader BLOB,
  agency TEXT NOT NULL,
  purpose TEXT NOT NULL,
  sealed_until INTEGER,
  sealed BLOB NOT NULL,
  commitment BLOB NOT NULL,
  head BLOB NOT NULL,
  batch INTEGER,
  UNIQUE (subject, seq)
) STRICT;
CREATE INDEX record_look_pending ON record_look (id) WHERE batch IS NULL;
CREATE INDEX record_look_batch ON record_look (batch);
CREATE INDEX record_look_reader ON record_look (reader, at);

CREATE TABLE record_batch (
  epoch INTEGER PRIMARY KEY,
  entry BLOB NOT NULL,
  idx INTEGER NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  looks INTEGER NOT NULL,
  padded INTEGER NOT NULL,
  pad_seed BLOB NOT NULL,
  root BLOB NOT NULL,
  map_root BLOB NOT NULL
) STRICT;

CREATE TABLE record_map_node (
  node BLOB PRIMARY KEY,
  epoch INTEGER NOT NULL,
  body BLOB
) STRICT;

CREATE TABLE record_map_old (
  node BLOB NOT NULL,
  until_epoch INTEGER NOT NULL,
  body BLOB,
  PRIMARY KEY (node, until_epoch)
) STRICT;
CREATE INDEX record_map_old_until ON record_map_old (until_epoch);

CREATE TABLE record_witness (
  log TEXT NOT NULL,
  witness TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  cosigned_at INTEGER,
  size INTEGER,
  outcome TEXT NOT NULL,
  PRIMARY KEY (log, witness)
) STRICT;
