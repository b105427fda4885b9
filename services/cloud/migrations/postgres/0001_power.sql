-- How much rests on a machine, by its power supply (the setting `power.supply`): how many steps of the country's order are taken
-- (power.toml), why, and since when.
CREATE TABLE cloud_power (
  supply TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  steps BIGINT NOT NULL,
  cause TEXT COLLATE "C" NOT NULL,
  since BIGINT NOT NULL
);
