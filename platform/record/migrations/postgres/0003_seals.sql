-- Looks that stay sealed longer than was ordered when they were made. The look's own row never changes.

CREATE TABLE record_seal (
  look BYTEA NOT NULL,
  number BIGINT NOT NULL,
  until BIGINT NOT NULL,
  at BIGINT NOT NULL,
  act BYTEA NOT NULL UNIQUE,
  PRIMARY KEY (look, number)
);
CREATE INDEX record_seal_at ON record_seal (at);
CREATE INDEX record_look_sealed ON record_look (agency, sealed_until) WHERE sealed_until IS NOT NULL;
