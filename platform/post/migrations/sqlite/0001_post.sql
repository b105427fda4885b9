-- Letters to print and post.
CREATE TABLE post_letter (
  -- The job that made it.
  id BLOB PRIMARY KEY,
  -- The post room's token of the person.
  person BLOB NOT NULL,
  -- Who prints it.
  agency TEXT NOT NULL,
  -- In whose name it is written.
  office TEXT NOT NULL,
  notice TEXT NOT NULL,
  -- The message, under the person's key; null once it is posted.
  sealed BLOB,
  made INTEGER NOT NULL,
  printed INTEGER,
  posted INTEGER,
  posted_by BLOB
) STRICT;
CREATE INDEX post_letter_waiting ON post_letter (agency, posted, made, id);
