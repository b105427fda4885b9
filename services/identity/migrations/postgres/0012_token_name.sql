-- A token's row lies under a name: an access token's `jti`, a refresh token's hash. Tokens of a client's own belong to no
-- sign-in and are not looked for by one.
ALTER TABLE identity_openid_token RENAME COLUMN hash TO name;
DROP INDEX identity_openid_token_signin;
CREATE INDEX identity_openid_token_signin ON identity_openid_token (signin) WHERE signin IS NOT NULL;
