-- What two officials are asked to decide about who answers for a child, while it waits. What each column is for: README.md.

CREATE TABLE identity_guardianship (
  id BYTEA NOT NULL PRIMARY KEY,
  person BYTEA NOT NULL,
  asked_at BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);
CREATE INDEX identity_guardianship_person ON identity_guardianship (person);
CREATE INDEX identity_guardianship_asked ON identity_guardianship (asked_at);
