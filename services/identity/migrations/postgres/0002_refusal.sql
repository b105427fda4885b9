-- Refusals: who was turned away, why, and what they can do about it. What each table is for: README.md.

CREATE TABLE identity_refusal (
  id BYTEA NOT NULL PRIMARY KEY,
  reference TEXT COLLATE "C" NOT NULL UNIQUE,
  reason TEXT COLLATE "C" NOT NULL,
  agency TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  receipt BYTEA NOT NULL,
  sealed BYTEA NOT NULL
);

CREATE TABLE identity_refusal_count (
  quarter TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  place TEXT COLLATE "C" NOT NULL,
  sex TEXT COLLATE "C" NOT NULL,
  birth_year BIGINT NOT NULL,
  refusals BIGINT NOT NULL,
  PRIMARY KEY (quarter, reason, place, sex, birth_year)
);
