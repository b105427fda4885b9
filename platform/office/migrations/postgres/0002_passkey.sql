-- Passkeys beside password and one-time code. What each table is for: README.md.

CREATE TABLE office_passkey (
  id BYTEA PRIMARY KEY,
  account BYTEA NOT NULL,
  credential BYTEA NOT NULL UNIQUE,
  sealed BYTEA NOT NULL,
  counter BIGINT NOT NULL,
  created BIGINT NOT NULL,
  used BIGINT,
  blocked BIGINT
);
CREATE INDEX office_passkey_account ON office_passkey (account, created);

CREATE TABLE office_passkey_user (
  account BYTEA PRIMARY KEY,
  handle BYTEA NOT NULL UNIQUE,
  sealed BYTEA NOT NULL,
  only_since BIGINT
);

CREATE TABLE office_passkey_challenge (
  token BYTEA PRIMARY KEY,
  purpose TEXT COLLATE "C" NOT NULL,
  account BYTEA,
  challenge BYTEA NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX office_passkey_challenge_account ON office_passkey_challenge (account);
CREATE INDEX office_passkey_challenge_expires ON office_passkey_challenge (expires);

ALTER TABLE office_session ADD COLUMN way TEXT COLLATE "C" NOT NULL DEFAULT 'otp';
