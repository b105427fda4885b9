-- What people wrote down at home before they come to an office. What each column is for: README.md.

CREATE TABLE identity_preregistration (
  id BLOB NOT NULL PRIMARY KEY,
  browser BLOB NOT NULL,
  reference TEXT UNIQUE,
  state TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX identity_preregistration_expires ON identity_preregistration (expires);
