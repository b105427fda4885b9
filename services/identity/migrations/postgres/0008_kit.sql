-- Enrolment without a network: kits, who works with them, and what became of their packets. What each table is for: README.md.

CREATE TABLE identity_kit (
  id BYTEA NOT NULL PRIMARY KEY,
  agency TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  device BYTEA NOT NULL UNIQUE,
  authorised_at BIGINT NOT NULL,
  until BIGINT NOT NULL,
  authorisation BYTEA NOT NULL,
  receipt BYTEA NOT NULL,
  withdrawn_at BIGINT,
  withdrawn_why TEXT COLLATE "C"
);
CREATE INDEX identity_kit_agency ON identity_kit (agency, name);

CREATE TABLE identity_kit_operator (
  kit BYTEA NOT NULL,
  key BYTEA NOT NULL,
  official BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (kit, key)
);

CREATE TABLE identity_packet (
  id BYTEA NOT NULL PRIMARY KEY,
  kit BYTEA NOT NULL,
  installation BYTEA NOT NULL,
  sequence BIGINT NOT NULL,
  branch BIGINT NOT NULL,
  hash BYTEA NOT NULL UNIQUE,
  previous BYTEA NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  reference TEXT COLLATE "C" NOT NULL,
  operator BYTEA,
  operator_name TEXT COLLATE "C" NOT NULL,
  subject BYTEA NOT NULL,
  person BYTEA,
  made_at BIGINT NOT NULL,
  time_odd TEXT COLLATE "C" NOT NULL,
  received_at BIGINT NOT NULL,
  content TEXT COLLATE "C",
  documents BIGINT NOT NULL,
  receipt BYTEA NOT NULL,
  decided_at BIGINT,
  UNIQUE (kit, installation, sequence, branch)
);
CREATE INDEX identity_packet_state ON identity_packet (kit, state, received_at);
CREATE INDEX identity_packet_person ON identity_packet (person);
CREATE INDEX identity_packet_reference ON identity_packet (reference);

CREATE TABLE identity_packet_refused (
  kit BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  installation BYTEA NOT NULL,
  sequence BIGINT NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  bytes BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (kit, hash)
);
