-- The keys of sealed personal data. A row without a wrapped key says that the key was destroyed.
create table store_key (
    subject bytea not null,
    class text collate "C" not null,
    epoch bigint not null,
    wrapped bytea,
    primary key (subject, class)
);
create index store_key_epoch on store_key (epoch);

-- Persons all of whose keys were destroyed: none is ever made for them again.
create table store_erased (
    subject bytea not null primary key,
    erased_at bigint not null
);

-- The epoch keys lie in files; here is what each must look like (a fingerprint) and whether it still exists.
create table store_epoch (
    number bigint not null primary key,
    fingerprint bytea not null,
    created_at bigint not null,
    retired_at bigint,
    destroyed_at bigint
);
