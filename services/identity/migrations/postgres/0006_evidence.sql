-- Documents that support what the register says. What each table is for: README.md.

CREATE TABLE identity_document (
  id BYTEA NOT NULL PRIMARY KEY,
  person BYTEA NOT NULL,
  version BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);
CREATE INDEX identity_document_person ON identity_document (person, version);
