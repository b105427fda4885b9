-- What two officials are asked to decide about who answers for a child, while it waits. What each column is for: README.md.

CREATE TABLE identity_guardianship (
  id BLOB NOT NULL PRIMARY KEY,
  person BLOB NOT NULL,
  asked_at INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_guardianship_person ON identity_guardianship (person);
CREATE INDEX identity_guardianship_asked ON identity_guardianship (asked_at);
