-- One person, one record. What each table is for: README.md.

ALTER TABLE identity_person ADD COLUMN merged_into BYTEA;
CREATE INDEX identity_person_merged_into ON identity_person (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE identity_double (
  id BYTEA NOT NULL PRIMARY KEY,
  a BYTEA NOT NULL,
  b BYTEA NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  kept BYTEA,
  found TEXT COLLATE "C" NOT NULL,
  weight BIGINT NOT NULL,
  model BIGINT NOT NULL,
  found_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  receipt_a BYTEA,
  receipt_b BYTEA,
  seal BYTEA NOT NULL,
  UNIQUE (a, b)
);
CREATE INDEX identity_double_list ON identity_double (state, weight, id);
CREATE INDEX identity_double_b ON identity_double (b);

CREATE TABLE identity_model (
  version BIGINT NOT NULL PRIMARY KEY,
  id BYTEA NOT NULL,
  people BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  receipt BYTEA NOT NULL,
  sealed BYTEA NOT NULL
);

CREATE TABLE identity_sweep (
  id BYTEA NOT NULL PRIMARY KEY,
  model BIGINT NOT NULL,
  next_person BYTEA NOT NULL,
  compared BIGINT NOT NULL,
  found BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  receipt BYTEA
);
