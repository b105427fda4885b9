-- The keys of sealed personal data. A row without a wrapped key says that the key was destroyed.
create table store_key (
    subject blob not null,
    class text not null,
    epoch integer not null,
    wrapped blob,
    primary key (subject, class)
) strict, without rowid;
create index store_key_epoch on store_key (epoch);

-- Persons all of whose keys were destroyed: none is ever made for them again.
create table store_erased (
    subject blob not null primary key,
    erased_at integer not null
) strict, without rowid;

-- The epoch keys lie in files; here is what each must look like (a fingerprint) and whether it still exists.
create table store_epoch (
    number integer not null primary key,
    fingerprint blob not null,
    created_at integer not null,
    retired_at integer,
    destroyed_at integer
) strict;
