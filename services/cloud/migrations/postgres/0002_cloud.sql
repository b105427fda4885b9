-- The cloud's projects and what stands in them. What each table is for: README.md.

CREATE TABLE cloud_project (
  agency_id TEXT COLLATE "C" NOT NULL,
  id BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  made_at BIGINT NOT NULL,
  made_by BYTEA NOT NULL,
  closed_at BIGINT NOT NULL,
  receipt BYTEA NOT NULL,
  PRIMARY KEY (agency_id, id)
);
-- closed_at is 0 while the project is open.
CREATE UNIQUE INDEX cloud_project_name ON cloud_project (agency_id, name, closed_at);

CREATE TABLE cloud_member (
  agency_id TEXT COLLATE "C" NOT NULL,
  project BYTEA NOT NULL,
  official BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  part TEXT COLLATE "C" NOT NULL,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (agency_id, project, official)
);
CREATE INDEX cloud_member_official ON cloud_member (agency_id, official);

CREATE TABLE cloud_quota (
  agency_id TEXT COLLATE "C" NOT NULL,
  project BYTEA NOT NULL,
  measure TEXT COLLATE "C" NOT NULL,
  quota BIGINT NOT NULL,
  reserved BIGINT NOT NULL,
  PRIMARY KEY (agency_id, project, measure)
);

CREATE TABLE cloud_resource (
  agency_id TEXT COLLATE "C" NOT NULL,
  project BYTEA NOT NULL,
  id BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  spec TEXT COLLATE "C" NOT NULL,
  wanted TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  settled BIGINT NOT NULL,
  observed TEXT COLLATE "C" NOT NULL,
  addresses TEXT COLLATE "C" NOT NULL,
  fault TEXT COLLATE "C" NOT NULL,
  tries BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  gone_at BIGINT NOT NULL,
  PRIMARY KEY (agency_id, project, id)
);
-- gone_at is 0 while the resource is there.
CREATE UNIQUE INDEX cloud_resource_name ON cloud_resource (agency_id, project, kind, name, gone_at);

CREATE TABLE cloud_reservation (
  agency_id TEXT COLLATE "C" NOT NULL,
  project BYTEA NOT NULL,
  resource BYTEA NOT NULL,
  measure TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (agency_id, project, resource, measure)
);

CREATE TABLE cloud_order (
  agency_id TEXT COLLATE "C" NOT NULL,
  id BYTEA NOT NULL,
  project BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  wish TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  approval BYTEA NOT NULL,
  asked_by BYTEA NOT NULL,
  asked_name TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  decided_at BIGINT NOT NULL,
  resource BYTEA,
  PRIMARY KEY (agency_id, id)
);
CREATE INDEX cloud_order_project ON cloud_order (agency_id, project);

CREATE TABLE cloud_token (
  agency_id TEXT COLLATE "C" NOT NULL,
  id BYTEA NOT NULL,
  secret BYTEA NOT NULL,
  official BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  label TEXT COLLATE "C" NOT NULL,
  may_change BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL,
  PRIMARY KEY (agency_id, id)
);
CREATE UNIQUE INDEX cloud_token_secret ON cloud_token (secret);
CREATE INDEX cloud_token_official ON cloud_token (agency_id, official);

-- The country's plan of addresses: one block a network, given back when the network is gone.
CREATE TABLE cloud_block (
  number BIGINT NOT NULL PRIMARY KEY,
  network BYTEA
);
CREATE INDEX cloud_block_network ON cloud_block (network);

-- agency_id is empty for what lies in a room that no project of ours has.
CREATE TABLE cloud_orphan (
  agency_id TEXT COLLATE "C" NOT NULL,
  project BYTEA NOT NULL,
  id BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  part_of BYTEA NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (agency_id, project, id)
);
