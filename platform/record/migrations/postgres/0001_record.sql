-- The public record and the access register. What each table is for: README.md.

CREATE TABLE record_log (
  log TEXT COLLATE "C" PRIMARY KEY,
  size BIGINT NOT NULL,
  root BYTEA NOT NULL,
  checkpoint TEXT COLLATE "C" NOT NULL,
  signed_at BIGINT NOT NULL,
  cosigned TEXT COLLATE "C",
  cosigned_size BIGINT,
  cosigned_at BIGINT,
  frozen TEXT COLLATE "C",
  frozen_at BIGINT
);

CREATE TABLE record_entry (
  id BYTEA PRIMARY KEY,
  log TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  at BIGINT NOT NULL,
  idx BIGINT,
  UNIQUE (log, idx)
);
CREATE INDEX record_entry_pending ON record_entry (log, id) WHERE idx IS NULL;

CREATE TABLE record_tile (
  log TEXT COLLATE "C" NOT NULL,
  level BIGINT NOT NULL,
  tile BIGINT NOT NULL,
  width BIGINT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (log, level, tile)
);

CREATE TABLE record_opening (
  entry BYTEA PRIMARY KEY,
  subject BYTEA NOT NULL,
  sealed BYTEA NOT NULL
);
CREATE INDEX record_opening_subject ON record_opening (subject, entry);

CREATE TABLE record_head (
  subject BYTEA PRIMARY KEY,
  person BYTEA NOT NULL UNIQUE,
  seq BIGINT NOT NULL,
  head BYTEA NOT NULL,
  newest BYTEA NOT NULL
  -- Room on each page, so that a look changes the row in place and touches no index.
) WITH (fillfactor = 50);

CREATE TABLE record_look (
  id BYTEA PRIMARY KEY,
  subject BYTEA NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  reader BYTEA,
  agency TEXT COLLATE "C" NOT NULL,
  purpose TEXT COLLATE "C" NOT NULL,
  sealed_until BIGINT,
  sealed BYTEA NOT NULL,
  commitment BYTEA NOT NULL,
  head BYTEA NOT NULL,
  batch BIGINT,
  UNIQUE (subject, seq)
);
CREATE INDEX record_look_pending ON record_look (id) WHERE batch IS NULL;
CREATE INDEX record_look_batch ON record_look (batch);
CREATE INDEX record_look_reader ON record_look (reader, at);

CREATE TABLE record_batch (
  epoch BIGINT PRIMARY KEY,
  entry BYTEA NOT NULL,
  idx BIGINT NOT NULL UNIQUE,
  at BIGINT NOT NULL,
  looks BIGINT NOT NULL,
  padded BIGINT NOT NULL,
  pad_seed BYTEA NOT NULL,
  root BYTEA NOT NULL,
  map_root BYTEA NOT NULL
);

CREATE TABLE record_map_node (
  node BYTEA PRIMARY KEY,
  epoch BIGINT NOT NULL,
  body BYTEA
);

CREATE TABLE record_map_old (
  node BYTEA NOT NULL,
  until_epoch BIGINT NOT NULL,
  body BYTEA,
  PRIMARY KEY (node, until_epoch)
);
CREATE INDEX record_map_old_until ON record_map_old (until_epoch);

CREATE TABLE record_witness (
  log TEXT COLLATE "C" NOT NULL,
  witness TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  cosigned_at BIGINT,
  size BIGINT,
  outcome TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (log, witness)
);
