-- One person, one record. What each table is for: README.md.

ALTER TABLE identity_person ADD COLUMN merged_into BLOB;
CREATE INDEX identity_person_merged_into ON identity_person (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE identity_double (
  id BLOB NOT NULL PRIMARY KEY,
  a BLOB NOT NULL,
  b BLOB NOT NULL,
  state TEXT NOT NULL,
  kept BLOB,
  found TEXT NOT NULL,
  weight INTEGER NOT NULL,
  model INTEGER NOT NULL,
  found_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  receipt_a BLOB,
  receipt_b BLOB,
  seal BLOB NOT NULL,
  UNIQUE (a, b)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_double_list ON identity_double (state, weight, id);
CREATE INDEX identity_double_b ON identity_double (b);

CREATE TABLE identity_model (
  version INTEGER NOT NULL PRIMARY KEY,
  id BLOB NOT NULL,
  people INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  receipt BLOB NOT NULL,
  sealed BLOB NOT NULL
) STRICT;

CREATE TABLE identity_sweep (
  id BLOB NOT NULL PRIMARY KEY,
  model INTEGER NOT NULL,
  next_person BLOB NOT NULL,
  compared INTEGER NOT NULL,
  found INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  receipt BLOB
) STRICT, WITHOUT ROWID;
