-- Successor logs (README, ADR 6): which volumes there are after the first, and to which one a batch belongs.

CREATE TABLE record_volume (
  number BIGINT PRIMARY KEY,
  origin TEXT COLLATE "C" NOT NULL,
  ended_policy TEXT COLLATE "C" NOT NULL,
  began BIGINT NOT NULL
);

ALTER TABLE record_batch ADD COLUMN volume BIGINT NOT NULL DEFAULT 1;
ALTER TABLE record_batch ALTER COLUMN volume DROP DEFAULT;
ALTER TABLE record_batch DROP CONSTRAINT record_batch_idx_key;
ALTER TABLE record_batch ADD CONSTRAINT record_batch_volume_idx_key UNIQUE (volume, idx);
