-- Versions of the country pack, and the files they are made of.

-- Each file once, by the SHA-256 of its bytes.
CREATE TABLE packs_file (
  digest BYTEA PRIMARY KEY,
  content BYTEA NOT NULL
);

CREATE TABLE packs_version (
  id BYTEA PRIMARY KEY,
  -- What the ministry calls it.
  label TEXT COLLATE "C" NOT NULL,
  -- The SHA-256 of the manifest names exactly the files.
  digest BYTEA NOT NULL,
  manifest TEXT COLLATE "C" NOT NULL,
  -- proposed, published
  state TEXT COLLATE "C" NOT NULL,
  proposed BIGINT NOT NULL,
  -- The request for two approvals; none for the pack an installation begins with.
  approval BYTEA UNIQUE,
  -- The first moment of the day it takes effect, in the country's time zone.
  effective BIGINT NOT NULL,
  published BIGINT,
  -- The act's receipt in the public record.
  receipt BYTEA
);
CREATE INDEX packs_version_effective ON packs_version (state, effective);
