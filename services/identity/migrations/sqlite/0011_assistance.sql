-- What officials did for people who agreed to that one thing. What each column is for: README.md.

CREATE TABLE identity_assistance (
  id BLOB NOT NULL PRIMARY KEY,
  person BLOB NOT NULL,
  official BLOB NOT NULL,
  what TEXT NOT NULL,
  way TEXT NOT NULL,
  state TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used_at INTEGER,
  receipt BLOB,
  look BLOB,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX identity_assistance_person ON identity_assistance (person, asked_at);
CREATE INDEX identity_assistance_expires ON identity_assistance (state, expires);
