-- What officials did for people who agreed to that one thing. What each column is for: README.md.

CREATE TABLE identity_assistance (
  id BYTEA NOT NULL PRIMARY KEY,
  person BYTEA NOT NULL,
  official BYTEA NOT NULL,
  what TEXT COLLATE "C" NOT NULL,
  way TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  used_at BIGINT,
  receipt BYTEA,
  look BYTEA,
  sealed BYTEA NOT NULL
);
CREATE INDEX identity_assistance_person ON identity_assistance (person, asked_at);
CREATE INDEX identity_assistance_expires ON identity_assistance (state, expires);
