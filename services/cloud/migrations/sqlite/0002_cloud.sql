-- The cloud's projects and what stands in them. What each table is for: README.md.

CREATE TABLE cloud_project (
  agency_id TEXT NOT NULL,
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  made_by BLOB NOT NULL,
  closed_at INTEGER NOT NULL,
  receipt BLOB NOT NULL,
  PRIMARY KEY (agency_id, id)
) STRICT, WITHOUT ROWID;
-- closed_at is 0 while the project is open.
CREATE UNIQUE INDEX cloud_project_name ON cloud_project (agency_id, name, closed_at);

CREATE TABLE cloud_member (
  agency_id TEXT NOT NULL,
  project BLOB NOT NULL,
  official BLOB NOT NULL,
  name TEXT NOT NULL,
  part TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (agency_id, project, official)
) STRICT, WITHOUT ROWID;
CREATE INDEX cloud_member_official ON cloud_member (agency_id, official);

CREATE TABLE cloud_quota (
  agency_id TEXT NOT NULL,
  project BLOB NOT NULL,
  measure TEXT NOT NULL,
  quota INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  PRIMARY KEY (agency_id, project, measure)
) STRICT, WITHOUT ROWID;

CREATE TABLE cloud_resource (
  agency_id TEXT NOT NULL,
  project BLOB NOT NULL,
  id BLOB NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  spec TEXT NOT NULL,
  wanted TEXT NOT NULL,
  generation INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  observed TEXT NOT NULL,
  addresses TEXT NOT NULL,
  fault TEXT NOT NULL,
  tries INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  gone_at INTEGER NOT NULL,
  PRIMARY KEY (agency_id, project, id)
) STRICT, WITHOUT ROWID;
-- gone_at is 0 while the resource is there.
CREATE UNIQUE INDEX cloud_resource_name ON cloud_resource (agency_id, project, kind, name, gone_at);

CREATE TABLE cloud_reservation (
  agency_id TEXT NOT NULL,
  project BLOB NOT NULL,
  resource BLOB NOT NULL,
  measure TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (agency_id, project, resource, measure)
) STRICT, WITHOUT ROWID;

CREATE TABLE cloud_order (
  agency_id TEXT NOT NULL,
  id BLOB NOT NULL,
  project BLOB NOT NULL,
  kind TEXT NOT NULL,
  wish TEXT NOT NULL,
  state TEXT NOT NULL,
  approval BLOB NOT NULL,
  asked_by BLOB NOT NULL,
  asked_name TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  resource BLOB,
  PRIMARY KEY (agency_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cloud_order_project ON cloud_order (agency_id, project);

CREATE TABLE cloud_token (
  agency_id TEXT NOT NULL,
  id BLOB NOT NULL,
  secret BLOB NOT NULL,
  official BLOB NOT NULL,
  name TEXT NOT NULL,
  office TEXT NOT NULL,
  role TEXT NOT NULL,
  label TEXT NOT NULL,
  may_change INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL,
  PRIMARY KEY (agency_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX cloud_token_secret ON cloud_token (secret);
CREATE INDEX cloud_token_official ON cloud_token (agency_id, official);

-- The country's plan of addresses: one block a network, given back when the network is gone.
CREATE TABLE cloud_block (
  number INTEGER NOT NULL PRIMARY KEY,
  network BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX cloud_block_network ON cloud_block (network);

-- agency_id is empty for what lies in a room that no project of ours has.
CREATE TABLE cloud_orphan (
  agency_id TEXT NOT NULL,
  project BLOB NOT NULL,
  id BLOB NOT NULL,
  kind TEXT NOT NULL,
  part_of BLOB NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (agency_id, project, id)
) STRICT, WITHOUT ROWID;
