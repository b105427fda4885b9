-- How much rests on a machine, by its power supply (the setting `power.supply`): how many steps of the country's order are taken
-- (power.toml), why, and since when.
CREATE TABLE cloud_power (
  supply TEXT NOT NULL PRIMARY KEY,
  steps INTEGER NOT NULL,
  cause TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT;
