-- The Verification API for registered partners. What each table is for: README.md.

CREATE TABLE identity_verify_partner (
  client TEXT NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  consent INTEGER NOT NULL,
  attributes TEXT NOT NULL,
  per_minute INTEGER NOT NULL,
  per_day INTEGER NOT NULL,
  set_at INTEGER NOT NULL,
  receipt BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_verify_count (
  client TEXT NOT NULL,
  day TEXT NOT NULL,
  kind TEXT NOT NULL,
  asked INTEGER NOT NULL,
  PRIMARY KEY (client, day, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_verify_consent (
  id BLOB NOT NULL PRIMARY KEY,
  client TEXT NOT NULL,
  code BLOB NOT NULL,
  purpose TEXT NOT NULL,
  attributes TEXT NOT NULL,
  days INTEGER NOT NULL,
  max_uses INTEGER,
  state TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  answer_by INTEGER NOT NULL,
  person BLOB,
  given_at INTEGER,
  until INTEGER,
  uses INTEGER NOT NULL,
  used_at INTEGER,
  ended_at INTEGER,
  receipt BLOB
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identity_verify_consent_code ON identity_verify_consent (code);
CREATE INDEX identity_verify_consent_person ON identity_verify_consent (person);
CREATE INDEX identity_verify_consent_client ON identity_verify_consent (client);
CREATE INDEX identity_verify_consent_answer ON identity_verify_consent (state, answer_by);
