-- Bills of months that are over: made once, never changed.
CREATE TABLE cloud_invoice (
  agency_id TEXT COLLATE "C" NOT NULL,
  month TEXT COLLATE "C" NOT NULL,
  -- The price list it was made from, and the invoice, as anybody downloads them.
  prices TEXT COLLATE "C" NOT NULL,
  invoice TEXT COLLATE "C" NOT NULL,
  issued_at BIGINT NOT NULL,
  receipt BYTEA NOT NULL,
  PRIMARY KEY (agency_id, month)
);
