-- Documents that support what the register says. What each table is for: README.md.

CREATE TABLE identity_document (
  id BLOB NOT NULL PRIMARY KEY,
  person BLOB NOT NULL,
  version INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_document_person ON identity_document (person, version);
