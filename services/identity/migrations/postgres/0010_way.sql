-- How the person signed in before a service was answered: with a one-time code, or with a passkey.

ALTER TABLE identity_openid_signin ADD COLUMN way TEXT COLLATE "C" NOT NULL DEFAULT 'otp';
