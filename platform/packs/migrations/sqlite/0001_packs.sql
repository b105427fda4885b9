-- Versions of the country pack, and the files they are made of.

-- Each file once, by the SHA-256 of its bytes.
CREATE TABLE packs_file (
  digest BLOB PRIMARY KEY,
  content BLOB NOT NULL
) STRICT;

CREATE TABLE packs_version (
  id BLOB PRIMARY KEY,
  -- What the ministry calls it.
  label TEXT NOT NULL,
  -- The SHA-256 of the manifest names exactly the files.
  digest BLOB NOT NULL,
  manifest TEXT NOT NULL,
  -- proposed, published
  state TEXT NOT NULL,
  proposed INTEGER NOT NULL,
  -- The request for two approvals; none for the pack an installation begins with.
  approval BLOB UNIQUE,
  -- The first moment of the day it takes effect, in the country's time zone.
  effective INTEGER NOT NULL,
  published INTEGER,
  -- The act's receipt in the public record.
  receipt BLOB
) STRICT;
CREATE INDEX packs_version_effective ON packs_version (state, effective);
