-- People who work, and everybody's sign-in. What each table is for: README.md.

CREATE TABLE office_account (
  id BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  login_index BLOB UNIQUE,
  login TEXT,
  name TEXT,
  password TEXT,
  totp BLOB,
  totp_step INTEGER NOT NULL,
  wrong_codes INTEGER NOT NULL,
  created INTEGER NOT NULL,
  signed_in INTEGER
) STRICT;
CREATE INDEX office_account_login ON office_account (kind, login);

CREATE TABLE office_recovery (
  account BLOB NOT NULL,
  code BLOB NOT NULL,
  PRIMARY KEY (account, code)
) STRICT;

CREATE TABLE office_assignment (
  id BLOB PRIMARY KEY,
  account BLOB NOT NULL,
  agency TEXT NOT NULL,
  office TEXT NOT NULL,
  role TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER,
  ended INTEGER,
  given_by BLOB,
  given INTEGER NOT NULL
) STRICT;
CREATE INDEX office_assignment_account ON office_assignment (account);
CREATE INDEX office_assignment_role ON office_assignment (role);

CREATE TABLE office_session (
  token BLOB PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  account BLOB NOT NULL,
  assignment BLOB,
  device TEXT NOT NULL,
  created INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  proven INTEGER
) STRICT;
CREATE INDEX office_session_account ON office_session (account, created);
CREATE INDEX office_session_seen ON office_session (seen);

CREATE TABLE office_device (
  token BLOB NOT NULL,
  account BLOB NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  PRIMARY KEY (token, account)
) STRICT;
CREATE INDEX office_device_account ON office_device (account, created);
CREATE INDEX office_device_expires ON office_device (expires);

CREATE TABLE office_challenge (
  token BLOB PRIMARY KEY,
  account BLOB NOT NULL,
  device BLOB,
  known INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE INDEX office_challenge_account ON office_challenge (account);
CREATE INDEX office_challenge_expires ON office_challenge (expires);

CREATE TABLE office_throttle (
  key BLOB PRIMARY KEY,
  tries BLOB NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE INDEX office_throttle_expires ON office_throttle (expires);

CREATE TABLE office_link (
  token BLOB PRIMARY KEY,
  account BLOB NOT NULL,
  purpose TEXT NOT NULL,
  expires INTEGER NOT NULL,
  office TEXT,
  role TEXT,
  login_index BLOB,
  login TEXT,
  name TEXT,
  password TEXT,
  totp BLOB,
  tries INTEGER NOT NULL
) STRICT;
CREATE INDEX office_link_account ON office_link (account);
CREATE INDEX office_link_expires ON office_link (expires);

CREATE TABLE office_activation (
  account BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  locator BLOB NOT NULL,
  code BLOB NOT NULL,
  tries INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE INDEX office_activation_locator ON office_activation (locator);
CREATE INDEX office_activation_expires ON office_activation (expires);

CREATE TABLE office_flag (
  name TEXT PRIMARY KEY,
  seal BLOB NOT NULL
) STRICT;

CREATE TABLE office_approval (
  id BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  permission TEXT NOT NULL,
  payload TEXT NOT NULL,
  digest BLOB NOT NULL,
  requested_by BLOB NOT NULL,
  requested_name TEXT NOT NULL,
  agency TEXT NOT NULL,
  office TEXT NOT NULL,
  requested INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  state TEXT NOT NULL,
  closed INTEGER,
  closed_by BLOB,
  reason TEXT,
  seal BLOB NOT NULL
) STRICT;
CREATE INDEX office_approval_state ON office_approval (state, id);

CREATE TABLE office_vote (
  approval BLOB NOT NULL,
  official BLOB NOT NULL,
  name TEXT NOT NULL,
  agency TEXT NOT NULL,
  office TEXT NOT NULL,
  role TEXT NOT NULL,
  digest BLOB NOT NULL,
  voted INTEGER NOT NULL,
  seal BLOB NOT NULL,
  PRIMARY KEY (approval, official)
) STRICT;

CREATE TABLE office_case (
  agency TEXT NOT NULL,
  number TEXT NOT NULL,
  office TEXT NOT NULL,
  opened_by BLOB NOT NULL,
  opened_name TEXT NOT NULL,
  opened INTEGER NOT NULL,
  closed INTEGER,
  closed_by BLOB,
  PRIMARY KEY (agency, number)
) STRICT;
CREATE INDEX office_case_opened ON office_case (agency, opened);

CREATE TABLE office_reading (
  official BLOB NOT NULL,
  hour INTEGER NOT NULL,
  looks INTEGER NOT NULL,
  PRIMARY KEY (official, hour)
) STRICT;
CREATE INDEX office_reading_hour ON office_reading (hour);

CREATE TABLE office_alarm (
  id BLOB PRIMARY KEY,
  agency TEXT NOT NULL,
  office TEXT NOT NULL,
  role TEXT NOT NULL,
  official BLOB NOT NULL,
  name TEXT NOT NULL,
  hour INTEGER NOT NULL,
  usual INTEGER NOT NULL,
  raised INTEGER NOT NULL,
  closed INTEGER,
  closed_by BLOB,
  note TEXT,
  UNIQUE (official, hour)
) STRICT;
CREATE INDEX office_alarm_closed ON office_alarm (closed, raised);

CREATE TABLE office_review (
  id BLOB PRIMARY KEY,
  agency TEXT NOT NULL,
  office TEXT NOT NULL,
  role TEXT NOT NULL,
  official BLOB NOT NULL,
  name TEXT NOT NULL,
  look BLOB NOT NULL UNIQUE,
  purpose TEXT NOT NULL,
  case_number TEXT,
  drawn INTEGER NOT NULL,
  reviewed INTEGER,
  reviewed_by BLOB,
  reviewed_office TEXT,
  verdict TEXT,
  note TEXT
) STRICT;
CREATE INDEX office_review_open ON office_review (reviewed, drawn);

CREATE TABLE office_complaint (
  id BLOB PRIMARY KEY,
  reference TEXT NOT NULL UNIQUE,
  citizen BLOB NOT NULL,
  about TEXT NOT NULL,
  about_id BLOB,
  agency TEXT NOT NULL,
  office TEXT NOT NULL,
  desk_agency TEXT NOT NULL,
  desk TEXT NOT NULL,
  words BLOB NOT NULL,
  opened INTEGER NOT NULL,
  due INTEGER NOT NULL,
  answered INTEGER,
  answered_by BLOB,
  outcome TEXT,
  answer BLOB
) STRICT;
CREATE INDEX office_complaint_citizen ON office_complaint (citizen, opened);
CREATE INDEX office_complaint_desk ON office_complaint (desk, due);

CREATE TABLE office_draft (
  id BLOB PRIMARY KEY,
  owner BLOB NOT NULL,
  form TEXT NOT NULL,
  body BLOB NOT NULL,
  updated INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE INDEX office_draft_owner ON office_draft (owner, updated);
CREATE INDEX office_draft_expires ON office_draft (expires);
