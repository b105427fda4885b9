-- What people wrote down at home before they come to an office. What each column is for: README.md.

CREATE TABLE identity_preregistration (
  id BYTEA NOT NULL PRIMARY KEY,
  browser BYTEA NOT NULL,
  reference TEXT COLLATE "C" UNIQUE,
  state TEXT COLLATE "C" NOT NULL,
  changed_at BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);
CREATE INDEX identity_preregistration_expires ON identity_preregistration (expires);
