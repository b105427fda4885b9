-- The Verification API for registered partners. What each table is for: README.md.

CREATE TABLE identity_verify_partner (
  client TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  purpose TEXT COLLATE "C" NOT NULL,
  consent BIGINT NOT NULL,
  attributes TEXT COLLATE "C" NOT NULL,
  per_minute BIGINT NOT NULL,
  per_day BIGINT NOT NULL,
  set_at BIGINT NOT NULL,
  receipt BYTEA NOT NULL
);

CREATE TABLE identity_verify_count (
  client TEXT COLLATE "C" NOT NULL,
  day TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  asked BIGINT NOT NULL,
  PRIMARY KEY (client, day, kind)
);

CREATE TABLE identity_verify_consent (
  id BYTEA NOT NULL PRIMARY KEY,
  client TEXT COLLATE "C" NOT NULL,
  code BYTEA NOT NULL,
  purpose TEXT COLLATE "C" NOT NULL,
  attributes TEXT COLLATE "C" NOT NULL,
  days BIGINT NOT NULL,
  max_uses BIGINT,
  state TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  answer_by BIGINT NOT NULL,
  person BYTEA,
  given_at BIGINT,
  until BIGINT,
  uses BIGINT NOT NULL,
  used_at BIGINT,
  ended_at BIGINT,
  receipt BYTEA
);
CREATE UNIQUE INDEX identity_verify_consent_code ON identity_verify_consent (code);
CREATE INDEX identity_verify_consent_person ON identity_verify_consent (person);
CREATE INDEX identity_verify_consent_client ON identity_verify_consent (client);
CREATE INDEX identity_verify_consent_answer ON identity_verify_consent (state, answer_by);
