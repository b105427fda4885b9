-- Openings are found by person within an era of about a million acts: the index grows at one place, and filing an act costs
-- the same whether the log holds a million or a hundred million.

ALTER TABLE record_opening ADD COLUMN era INTEGER NOT NULL DEFAULT 0;
DROP INDEX record_opening_subject;
CREATE INDEX record_opening_subject ON record_opening (era, subject, entry);
