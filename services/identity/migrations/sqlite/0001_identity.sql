-- The register of people. What each table is for: README.md.

CREATE TABLE identity_person (
  id BLOB NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  number BLOB,
  registered_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  import BLOB,
  import_row INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_person_version (
  person BLOB NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  receipt BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (person, version)
) STRICT;

CREATE TABLE identity_number (
  hash BLOB NOT NULL PRIMARY KEY,
  person BLOB,
  issued_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_card (
  hash BLOB NOT NULL PRIMARY KEY,
  person BLOB,
  number BLOB,
  state TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_card_person ON identity_card (person, issued_at);

CREATE TABLE identity_index (
  person BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (person, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_index_hash ON identity_index (hash);

CREATE TABLE identity_token (
  person BLOB NOT NULL,
  service TEXT NOT NULL,
  token BLOB NOT NULL,
  PRIMARY KEY (person, service)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identity_token_token ON identity_token (token);

CREATE TABLE identity_count (
  place TEXT NOT NULL,
  sex TEXT NOT NULL,
  birth_year INTEGER NOT NULL,
  people INTEGER NOT NULL,
  PRIMARY KEY (place, sex, birth_year)
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_import (
  id BLOB NOT NULL PRIMARY KEY,
  file_sha256 BLOB NOT NULL UNIQUE,
  mapping_sha256 BLOB NOT NULL,
  state TEXT NOT NULL,
  next_row INTEGER NOT NULL,
  read_rows INTEGER NOT NULL,
  registered INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  held INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  receipt BLOB
) STRICT;

CREATE TABLE identity_import_finding (
  import BLOB NOT NULL,
  row_number INTEGER NOT NULL,
  place INTEGER NOT NULL,
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  column_name TEXT NOT NULL,
  twin_row INTEGER,
  twin_person BLOB,
  PRIMARY KEY (import, row_number, place)
) STRICT, WITHOUT ROWID;
