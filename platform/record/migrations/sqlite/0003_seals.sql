-- Looks that stay sealed longer than was ordered when they were made. The look's own row never changes.

CREATE TABLE record_seal (
  look BLOB NOT NULL,
  number INTEGER NOT NULL,
  until INTEGER NOT NULL,
  at INTEGER NOT NULL,
  act BLOB NOT NULL UNIQUE,
  PRIMARY KEY (look, number)
) STRICT;
CREATE INDEX record_seal_at ON record_seal (at);
CREATE INDEX record_look_sealed ON record_look (agency, sealed_until) WHERE sealed_until IS NOT NULL;
