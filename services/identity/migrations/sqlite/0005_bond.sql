-- Who answers for whom: guardians, parents, introducers. What each table is for: README.md.
--
-- Every bond is two rows, one each side. A row is found by the keyed hash of whose side it is, and says who the other is only
-- under that person's key; the two rows share nothing that could be joined.

CREATE TABLE identity_bond (
  id BLOB NOT NULL PRIMARY KEY,
  holder BLOB NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_bond_holder ON identity_bond (holder);

-- Children with guardians, under the keyed hash of the day they come of age.
CREATE TABLE identity_age_due (
  person BLOB NOT NULL PRIMARY KEY,
  day BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_age_due_day ON identity_age_due (day);

-- Up to which day children were looked for who came of age: one row.
CREATE TABLE identity_age_watch (
  id INTEGER NOT NULL PRIMARY KEY,
  day TEXT NOT NULL
) STRICT;

-- Children whose last guardian died: the office's work list.
CREATE TABLE identity_unguarded (
  person BLOB NOT NULL PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
