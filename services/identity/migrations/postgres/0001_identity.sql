-- The register of people. What each table is for: README.md.

CREATE TABLE identity_person (
  id BYTEA NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  number BYTEA,
  registered_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  import BYTEA,
  import_row BIGINT
);

CREATE TABLE identity_person_version (
  person BYTEA NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  receipt BYTEA NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (person, version)
);

CREATE TABLE identity_number (
  hash BYTEA NOT NULL PRIMARY KEY,
  person BYTEA,
  issued_at BIGINT NOT NULL
);

CREATE TABLE identity_card (
  hash BYTEA NOT NULL PRIMARY KEY,
  person BYTEA,
  number BYTEA,
  state TEXT COLLATE "C" NOT NULL,
  issued_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX identity_card_person ON identity_card (person, issued_at);

CREATE TABLE identity_index (
  person BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (person, hash)
);
CREATE INDEX identity_index_hash ON identity_index (hash);

CREATE TABLE identity_token (
  person BYTEA NOT NULL,
  service TEXT COLLATE "C" NOT NULL,
  token BYTEA NOT NULL,
  PRIMARY KEY (person, service)
);
CREATE UNIQUE INDEX identity_token_token ON identity_token (token);

CREATE TABLE identity_count (
  place TEXT COLLATE "C" NOT NULL,
  sex TEXT COLLATE "C" NOT NULL,
  birth_year BIGINT NOT NULL,
  people BIGINT NOT NULL,
  PRIMARY KEY (place, sex, birth_year)
);

CREATE TABLE identity_import (
  id BYTEA NOT NULL PRIMARY KEY,
  file_sha256 BYTEA NOT NULL UNIQUE,
  mapping_sha256 BYTEA NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  next_row BIGINT NOT NULL,
  read_rows BIGINT NOT NULL,
  registered BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  held BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  receipt BYTEA
);

CREATE TABLE identity_import_finding (
  import BYTEA NOT NULL,
  row_number BIGINT NOT NULL,
  place BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  column_name TEXT COLLATE "C" NOT NULL,
  twin_row BIGINT,
  twin_person BYTEA,
  PRIMARY KEY (import, row_number, place)
);
