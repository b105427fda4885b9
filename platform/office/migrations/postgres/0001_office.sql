-- People who work, and everybody's sign-in. What each table is for: README.md.

CREATE TABLE office_account (
  id BYTEA PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  login_index BYTEA UNIQUE,
  login TEXT COLLATE "C",
  name TEXT COLLATE "C",
  password TEXT COLLATE "C",
  totp BYTEA,
  totp_step BIGINT NOT NULL,
  wrong_codes BIGINT NOT NULL,
  created BIGINT NOT NULL,
  signed_in BIGINT
);
CREATE INDEX office_account_login ON office_account (kind, login);

CREATE TABLE office_recovery (
  account BYTEA NOT NULL,
  code BYTEA NOT NULL,
  PRIMARY KEY (account, code)
);

CREATE TABLE office_assignment (
  id BYTEA PRIMARY KEY,
  account BYTEA NOT NULL,
  agency TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT,
  ended BIGINT,
  given_by BYTEA,
  given BIGINT NOT NULL
);
CREATE INDEX office_assignment_account ON office_assignment (account);
CREATE INDEX office_assignment_role ON office_assignment (role);

CREATE TABLE office_session (
  token BYTEA PRIMARY KEY,
  id BYTEA NOT NULL UNIQUE,
  account BYTEA NOT NULL,
  assignment BYTEA,
  device TEXT COLLATE "C" NOT NULL,
  created BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  proven BIGINT
);
CREATE INDEX office_session_account ON office_session (account, created);
CREATE INDEX office_session_seen ON office_session (seen);

CREATE TABLE office_device (
  token BYTEA NOT NULL,
  account BYTEA NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  PRIMARY KEY (token, account)
);
CREATE INDEX office_device_account ON office_device (account, created);
CREATE INDEX office_device_expires ON office_device (expires);

CREATE TABLE office_challenge (
  token BYTEA PRIMARY KEY,
  account BYTEA NOT NULL,
  device BYTEA,
  known BIGINT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX office_challenge_account ON office_challenge (account);
CREATE INDEX office_challenge_expires ON office_challenge (expires);

CREATE TABLE office_throttle (
  key BYTEA PRIMARY KEY,
  tries BYTEA NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX office_throttle_expires ON office_throttle (expires);

CREATE TABLE office_link (
  token BYTEA PRIMARY KEY,
  account BYTEA NOT NULL,
  purpose TEXT COLLATE "C" NOT NULL,
  expires BIGINT NOT NULL,
  office TEXT COLLATE "C",
  role TEXT COLLATE "C",
  login_index BYTEA,
  login TEXT COLLATE "C",
  name TEXT COLLATE "C",
  password TEXT COLLATE "C",
  totp BYTEA,
  tries BIGINT NOT NULL
);
CREATE INDEX office_link_account ON office_link (account);
CREATE INDEX office_link_expires ON office_link (expires);

CREATE TABLE office_activation (
  account BYTEA PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  locator BYTEA NOT NULL,
  code BYTEA NOT NULL,
  tries BIGINT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX office_activation_locator ON office_activation (locator);
CREATE INDEX office_activation_expires ON office_activation (expires);

CREATE TABLE office_flag (
  name TEXT COLLATE "C" PRIMARY KEY,
  seal BYTEA NOT NULL
);

CREATE TABLE office_approval (
  id BYTEA PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  permission TEXT COLLATE "C" NOT NULL,
  payload TEXT COLLATE "C" NOT NULL,
  digest BYTEA NOT NULL,
  requested_by BYTEA NOT NULL,
  requested_name TEXT COLLATE "C" NOT NULL,
  agency TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  requested BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  closed BIGINT,
  closed_by BYTEA,
  reason TEXT COLLATE "C",
  seal BYTEA NOT NULL
);
CREATE INDEX office_approval_state ON office_approval (state, id);

CREATE TABLE office_vote (
  approval BYTEA NOT NULL,
  official BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  agency TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  digest BYTEA NOT NULL,
  voted BIGINT NOT NULL,
  seal BYTEA NOT NULL,
  PRIMARY KEY (approval, official)
);

CREATE TABLE office_case (
  agency TEXT COLLATE "C" NOT NULL,
  number TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  opened_by BYTEA NOT NULL,
  opened_name TEXT COLLATE "C" NOT NULL,
  opened BIGINT NOT NULL,
  closed BIGINT,
  closed_by BYTEA,
  PRIMARY KEY (agency, number)
);
CREATE INDEX office_case_opened ON office_case (agency, opened);

CREATE TABLE office_reading (
  official BYTEA NOT NULL,
  hour BIGINT NOT NULL,
  looks BIGINT NOT NULL,
  PRIMARY KEY (official, hour)
);
CREATE INDEX office_reading_hour ON office_reading (hour);

CREATE TABLE office_alarm (
  id BYTEA PRIMARY KEY,
  agency TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  official BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  hour BIGINT NOT NULL,
  usual BIGINT NOT NULL,
  raised BIGINT NOT NULL,
  closed BIGINT,
  closed_by BYTEA,
  note TEXT COLLATE "C",
  UNIQUE (official, hour)
);
CREATE INDEX office_alarm_closed ON office_alarm (closed, raised);

CREATE TABLE office_review (
  id BYTEA PRIMARY KEY,
  agency TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  official BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  look BYTEA NOT NULL UNIQUE,
  purpose TEXT COLLATE "C" NOT NULL,
  case_number TEXT COLLATE "C",
  drawn BIGINT NOT NULL,
  reviewed BIGINT,
  reviewed_by BYTEA,
  reviewed_office TEXT COLLATE "C",
  verdict TEXT COLLATE "C",
  note TEXT COLLATE "C"
);
CREATE INDEX office_review_open ON office_review (reviewed, drawn);

CREATE TABLE office_complaint (
  id BYTEA PRIMARY KEY,
  reference TEXT COLLATE "C" NOT NULL UNIQUE,
  citizen BYTEA NOT NULL,
  about TEXT COLLATE "C" NOT NULL,
  about_id BYTEA,
  agency TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  desk_agency TEXT COLLATE "C" NOT NULL,
  desk TEXT COLLATE "C" NOT NULL,
  words BYTEA NOT NULL,
  opened BIGINT NOT NULL,
  due BIGINT NOT NULL,
  answered BIGINT,
  answered_by BYTEA,
  outcome TEXT COLLATE "C",
  answer BYTEA
);
CREATE INDEX office_complaint_citizen ON office_complaint (citizen, opened);
CREATE INDEX office_complaint_desk ON office_complaint (desk, due);

CREATE TABLE office_draft (
  id BYTEA PRIMARY KEY,
  owner BYTEA NOT NULL,
  form TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  updated BIGINT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX office_draft_owner ON office_draft (owner, updated);
CREATE INDEX office_draft_expires ON office_draft (expires);
