-- Passkeys beside password and one-time code. What each table is for: README.md.

CREATE TABLE office_passkey (
  id BLOB PRIMARY KEY,
  account BLOB NOT NULL,
  credential BLOB NOT NULL UNIQUE,
  sealed BLOB NOT NULL,
  counter INTEGER NOT NULL,
  created INTEGER NOT NULL,
  used INTEGER,
  blocked INTEGER
) STRICT;
CREATE INDEX office_passkey_account ON office_passkey (account, created);

CREATE TABLE office_passkey_user (
  account BLOB PRIMARY KEY,
  handle BLOB NOT NULL UNIQUE,
  sealed BLOB NOT NULL,
  only_since INTEGER
) STRICT;

CREATE TABLE office_passkey_challenge (
  token BLOB PRIMARY KEY,
  purpose TEXT NOT NULL,
  account BLOB,
  challenge BLOB NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE INDEX office_passkey_challenge_account ON office_passkey_challenge (account);
CREATE INDEX office_passkey_challenge_expires ON office_passkey_challenge (expires);

ALTER TABLE office_session ADD COLUMN way TEXT NOT NULL DEFAULT 'otp';
