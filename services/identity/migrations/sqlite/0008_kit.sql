-- Enrolment without a network: kits, who works with them, and what became of their packets. What each table is for: README.md.

CREATE TABLE identity_kit (
  id BLOB NOT NULL PRIMARY KEY,
  agency TEXT NOT NULL,
  name TEXT NOT NULL,
  device BLOB NOT NULL UNIQUE,
  authorised_at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  authorisation BLOB NOT NULL,
  receipt BLOB NOT NULL,
  withdrawn_at INTEGER,
  withdrawn_why TEXT
) STRICT;
CREATE INDEX identity_kit_agency ON identity_kit (agency, name);

CREATE TABLE identity_kit_operator (
  kit BLOB NOT NULL,
  key BLOB NOT NULL,
  official BLOB NOT NULL,
  name TEXT NOT NULL,
  office TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (kit, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_packet (
  id BLOB NOT NULL PRIMARY KEY,
  kit BLOB NOT NULL,
  installation BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  branch INTEGER NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  previous BLOB NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  reference TEXT NOT NULL,
  operator BLOB,
  operator_name TEXT NOT NULL,
  subject BLOB NOT NULL,
  person BLOB,
  made_at INTEGER NOT NULL,
  time_odd TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  content TEXT,
  documents INTEGER NOT NULL,
  receipt BLOB NOT NULL,
  decided_at INTEGER,
  UNIQUE (kit, installation, sequence, branch)
) STRICT;
CREATE INDEX identity_packet_state ON identity_packet (kit, state, received_at);
CREATE INDEX identity_packet_person ON identity_packet (person);
CREATE INDEX identity_packet_reference ON identity_packet (reference);

CREATE TABLE identity_packet_refused (
  kit BLOB NOT NULL,
  hash BLOB NOT NULL,
  installation BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  reason TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (kit, hash)
) STRICT, WITHOUT ROWID;
