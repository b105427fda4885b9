-- What instances used, minute by minute, and what agencies were billed for it. What each table is for: README.md.

-- A minute in which the engine was asked; one that is not here is a gap.
CREATE TABLE cloud_minute (
  minute BIGINT NOT NULL PRIMARY KEY,
  taken_at BIGINT NOT NULL
);

CREATE TABLE cloud_sample (
  agency_id TEXT COLLATE "C" NOT NULL,
  minute BIGINT NOT NULL,
  instance BYTEA NOT NULL,
  project BYTEA NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  vcpus BIGINT NOT NULL,
  memory_mib BIGINT NOT NULL,
  disk_mib BIGINT NOT NULL,
  cpu_ns BIGINT NOT NULL,
  sent_bytes BIGINT NOT NULL,
  received_bytes BIGINT NOT NULL,
  PRIMARY KEY (agency_id, minute, instance)
);

-- What the engine's counters of an instance showed last.
CREATE TABLE cloud_counter (
  instance BYTEA NOT NULL PRIMARY KEY,
  minute BIGINT NOT NULL,
  cpu_ns BIGINT NOT NULL,
  sent_bytes BIGINT NOT NULL,
  received_bytes BIGINT NOT NULL
);

-- Credits and charges after the fact: rows of their own, never a change of a sample or of an invoice.
CREATE TABLE cloud_correction (
  agency_id TEXT COLLATE "C" NOT NULL,
  month TEXT COLLATE "C" NOT NULL,
  id BYTEA NOT NULL,
  minor BIGINT NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  made_at BIGINT NOT NULL,
  made_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (agency_id, month, id)
);
