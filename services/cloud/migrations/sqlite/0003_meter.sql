-- What instances used, minute by minute, and what agencies were billed for it. What each table is for: README.md.

-- A minute in which the engine was asked; one that is not here is a gap.
CREATE TABLE cloud_minute (
  minute INTEGER NOT NULL PRIMARY KEY,
  taken_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cloud_sample (
  agency_id TEXT NOT NULL,
  minute INTEGER NOT NULL,
  instance BLOB NOT NULL,
  project BLOB NOT NULL,
  state TEXT NOT NULL,
  vcpus INTEGER NOT NULL,
  memory_mib INTEGER NOT NULL,
  disk_mib INTEGER NOT NULL,
  cpu_ns INTEGER NOT NULL,
  sent_bytes INTEGER NOT NULL,
  received_bytes INTEGER NOT NULL,
  PRIMARY KEY (agency_id, minute, instance)
) STRICT, WITHOUT ROWID;

-- What the engine's counters of an instance showed last.
CREATE TABLE cloud_counter (
  instance BLOB NOT NULL PRIMARY KEY,
  minute INTEGER NOT NULL,
  cpu_ns INTEGER NOT NULL,
  sent_bytes INTEGER NOT NULL,
  received_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Credits and charges after the fact: rows of their own, never a change of a sample or of an invoice.
CREATE TABLE cloud_correction (
  agency_id TEXT NOT NULL,
  month TEXT NOT NULL,
  id BLOB NOT NULL,
  minor INTEGER NOT NULL,
  reason TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  PRIMARY KEY (agency_id, month, id)
) STRICT, WITHOUT ROWID;
