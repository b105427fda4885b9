-- Refusals: who was turned away, why, and what they can do about it. What each table is for: README.md.

CREATE TABLE identity_refusal (
  id BLOB NOT NULL PRIMARY KEY,
  reference TEXT NOT NULL UNIQUE,
  reason TEXT NOT NULL,
  agency TEXT NOT NULL,
  office TEXT NOT NULL,
  at INTEGER NOT NULL,
  receipt BLOB NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_refusal_count (
  quarter TEXT NOT NULL,
  reason TEXT NOT NULL,
  place TEXT NOT NULL,
  sex TEXT NOT NULL,
  birth_year INTEGER NOT NULL,
  refusals INTEGER NOT NULL,
  PRIMARY KEY (quarter, reason, place, sex, birth_year)
) STRICT, WITHOUT ROWID;
