-- Bills of months that are over: made once, never changed.
CREATE TABLE cloud_invoice (
  agency_id TEXT NOT NULL,
  month TEXT NOT NULL,
  -- The price list it was made from, and the invoice, as anybody downloads them.
  prices TEXT NOT NULL,
  invoice TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  receipt BLOB NOT NULL,
  PRIMARY KEY (agency_id, month)
) STRICT, WITHOUT ROWID;
