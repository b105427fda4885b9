-- Letters to print and post.
CREATE TABLE post_letter (
  -- The job that made it.
  id BYTEA PRIMARY KEY,
  -- The post room's token of the person.
  person BYTEA NOT NULL,
  -- Who prints it.
  agency TEXT COLLATE "C" NOT NULL,
  -- In whose name it is written.
  office TEXT COLLATE "C" NOT NULL,
  notice TEXT COLLATE "C" NOT NULL,
  -- The message, under the person's key; null once it is posted.
  sealed BYTEA,
  made BIGINT NOT NULL,
  printed BIGINT,
  posted BIGINT,
  posted_by BYTEA
);
CREATE INDEX post_letter_waiting ON post_letter (agency, posted, made, id);
