-- Documents of forms at the desk that are not sent yet. What each column is for: README.md.

CREATE TABLE identity_draft_document (
  id BLOB NOT NULL PRIMARY KEY,
  draft BLOB NOT NULL,
  blob TEXT NOT NULL,
  expires INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_draft_document_draft ON identity_draft_document (draft, id);
CREATE INDEX identity_draft_document_expires ON identity_draft_document (expires);
