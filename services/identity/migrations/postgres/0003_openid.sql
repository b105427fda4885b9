-- Sign in with Daftar. What each table is for: README.md.

CREATE TABLE identity_openid_client (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  organisation TEXT COLLATE "C" NOT NULL,
  agency TEXT COLLATE "C" NOT NULL,
  why TEXT COLLATE "C" NOT NULL,
  sector TEXT COLLATE "C" NOT NULL,
  method TEXT COLLATE "C" NOT NULL,
  secret BYTEA,
  keys TEXT COLLATE "C" NOT NULL,
  native BIGINT NOT NULL,
  refresh BIGINT NOT NULL,
  own_tokens BIGINT NOT NULL,
  scopes TEXT COLLATE "C" NOT NULL,
  redirect_uris TEXT COLLATE "C" NOT NULL,
  logout_uris TEXT COLLATE "C" NOT NULL,
  registered_at BIGINT NOT NULL,
  receipt BYTEA NOT NULL,
  withdrawn_at BIGINT
);

CREATE TABLE identity_openid_authorization (
  id BYTEA NOT NULL PRIMARY KEY,
  browser BYTEA NOT NULL,
  client TEXT COLLATE "C" NOT NULL,
  request TEXT COLLATE "C" NOT NULL,
  created BIGINT NOT NULL
);
CREATE INDEX identity_openid_authorization_created ON identity_openid_authorization (created);

CREATE TABLE identity_openid_grant (
  person BYTEA NOT NULL,
  client TEXT COLLATE "C" NOT NULL,
  items TEXT COLLATE "C" NOT NULL,
  since BIGINT NOT NULL,
  receipt BYTEA NOT NULL,
  PRIMARY KEY (person, client)
);
CREATE INDEX identity_openid_grant_client ON identity_openid_grant (client);

CREATE TABLE identity_openid_signin (
  id BYTEA NOT NULL PRIMARY KEY,
  person BYTEA NOT NULL,
  client TEXT COLLATE "C" NOT NULL,
  code BYTEA NOT NULL,
  code_used BIGINT,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  redirect_uri TEXT COLLATE "C" NOT NULL,
  challenge TEXT COLLATE "C" NOT NULL,
  scopes TEXT COLLATE "C" NOT NULL,
  claims TEXT COLLATE "C" NOT NULL,
  nonce TEXT COLLATE "C",
  auth_time BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_openid_signin_code ON identity_openid_signin (code);
CREATE INDEX identity_openid_signin_person ON identity_openid_signin (person, client);
CREATE INDEX identity_openid_signin_expires ON identity_openid_signin (expires);

CREATE TABLE identity_openid_token (
  hash BYTEA NOT NULL PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  signin BYTEA,
  client TEXT COLLATE "C" NOT NULL,
  scopes TEXT COLLATE "C" NOT NULL,
  issued BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  spent BIGINT
);
CREATE INDEX identity_openid_token_signin ON identity_openid_token (signin);
CREATE INDEX identity_openid_token_client ON identity_openid_token (client);
CREATE INDEX identity_openid_token_expires ON identity_openid_token (expires);

CREATE TABLE identity_openid_key (
  kid TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  sealed BYTEA NOT NULL,
  created BIGINT NOT NULL,
  active BIGINT NOT NULL
);

CREATE TABLE identity_openid_history (
  id BYTEA NOT NULL PRIMARY KEY,
  person BYTEA NOT NULL,
  at BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);
CREATE INDEX identity_openid_history_person ON identity_openid_history (person, at);
CREATE INDEX identity_openid_history_at ON identity_openid_history (at);

CREATE TABLE identity_openid_assertion (
  client TEXT COLLATE "C" NOT NULL,
  jti BYTEA NOT NULL,
  expires BIGINT NOT NULL,
  PRIMARY KEY (client, jti)
);
CREATE INDEX identity_openid_assertion_expires ON identity_openid_assertion (expires);

CREATE TABLE identity_openid_lock (
  person BYTEA NOT NULL PRIMARY KEY,
  since BIGINT NOT NULL
);
