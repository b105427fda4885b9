-- Documents of forms at the desk that are not sent yet. What each column is for: README.md.

CREATE TABLE identity_draft_document (
  id BYTEA NOT NULL PRIMARY KEY,
  draft BYTEA NOT NULL,
  blob TEXT COLLATE "C" NOT NULL,
  expires BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);
CREATE INDEX identity_draft_document_draft ON identity_draft_document (draft, id);
CREATE INDEX identity_draft_document_expires ON identity_draft_document (expires);
