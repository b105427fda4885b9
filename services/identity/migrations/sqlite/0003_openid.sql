-- Sign in with Daftar. What each table is for: README.md.

CREATE TABLE identity_openid_client (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  organisation TEXT NOT NULL,
  agency TEXT NOT NULL,
  why TEXT NOT NULL,
  sector TEXT NOT NULL,
  method TEXT NOT NULL,
  secret BLOB,
  keys TEXT NOT NULL,
  native INTEGER NOT NULL,
  refresh INTEGER NOT NULL,
  own_tokens INTEGER NOT NULL,
  scopes TEXT NOT NULL,
  redirect_uris TEXT NOT NULL,
  logout_uris TEXT NOT NULL,
  registered_at INTEGER NOT NULL,
  receipt BLOB NOT NULL,
  withdrawn_at INTEGER
) STRICT;

CREATE TABLE identity_openid_authorization (
  id BLOB NOT NULL PRIMARY KEY,
  browser BLOB NOT NULL,
  client TEXT NOT NULL,
  request TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX identity_openid_authorization_created ON identity_openid_authorization (created);

CREATE TABLE identity_openid_grant (
  person BLOB NOT NULL,
  client TEXT NOT NULL,
  items TEXT NOT NULL,
  since INTEGER NOT NULL,
  receipt BLOB NOT NULL,
  PRIMARY KEY (person, client)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_openid_grant_client ON identity_openid_grant (client);

CREATE TABLE identity_openid_signin (
  id BLOB NOT NULL PRIMARY KEY,
  person BLOB NOT NULL,
  client TEXT NOT NULL,
  code BLOB NOT NULL,
  code_used INTEGER,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  redirect_uri TEXT NOT NULL,
  challenge TEXT NOT NULL,
  scopes TEXT NOT NULL,
  claims TEXT NOT NULL,
  nonce TEXT,
  auth_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identity_openid_signin_code ON identity_openid_signin (code);
CREATE INDEX identity_openid_signin_person ON identity_openid_signin (person, client);
CREATE INDEX identity_openid_signin_expires ON identity_openid_signin (expires);

CREATE TABLE identity_openid_token (
  hash BLOB NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  signin BLOB,
  client TEXT NOT NULL,
  scopes TEXT NOT NULL,
  issued INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  spent INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_openid_token_signin ON identity_openid_token (signin);
CREATE INDEX identity_openid_token_client ON identity_openid_token (client);
CREATE INDEX identity_openid_token_expires ON identity_openid_token (expires);

CREATE TABLE identity_openid_key (
  kid TEXT NOT NULL PRIMARY KEY,
  sealed BLOB NOT NULL,
  created INTEGER NOT NULL,
  active INTEGER NOT NULL
) STRICT;

CREATE TABLE identity_openid_history (
  id BLOB NOT NULL PRIMARY KEY,
  person BLOB NOT NULL,
  at INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_openid_history_person ON identity_openid_history (person, at);
CREATE INDEX identity_openid_history_at ON identity_openid_history (at);

CREATE TABLE identity_openid_assertion (
  client TEXT NOT NULL,
  jti BLOB NOT NULL,
  expires INTEGER NOT NULL,
  PRIMARY KEY (client, jti)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_openid_assertion_expires ON identity_openid_assertion (expires);

CREATE TABLE identity_openid_lock (
  person BLOB NOT NULL PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
