-- Counters, idempotency keys, leases, jobs and the subscriptions of events.
create table store_counter (
    name text collate "C" not null primary key,
    value bigint not null
);

create table store_idempotency (
    scope text collate "C" not null,
    key text collate "C" not null,
    request_sha256 bytea not null,
    response bytea,
    created_at bigint not null,
    primary key (scope, key)
);
create index store_idempotency_created_at on store_idempotency (created_at);

create table store_lease (
    name text collate "C" not null primary key,
    holder bytea not null,
    fence bigint not null,
    until bigint not null
);

-- place: the order among the living jobs of one aggregate. claim: who runs it now, until when.
create table store_job (
    id bytea not null primary key,
    kind text collate "C" not null,
    aggregate text collate "C" not null,
    place bigint not null,
    payload text collate "C" not null,
    run_at bigint not null,
    attempts bigint not null,
    dead boolean not null,
    last_error text collate "C",
    claim bytea,
    claimed_until bigint not null,
    created_at bigint not null
);
create unique index store_job_place on store_job (aggregate, place);
create index store_job_due on store_job (kind, dead, run_at);

create table store_subscription (
    event text collate "C" not null,
    handler text collate "C" not null,
    primary key (event, handler)
);
