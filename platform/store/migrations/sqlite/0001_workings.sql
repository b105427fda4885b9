-- Counters, idempotency keys, leases, jobs and the subscriptions of events.
create table store_counter (
    name text not null primary key,
    value integer not null
) strict;

create table store_idempotency (
    scope text not null,
    key text not null,
    request_sha256 blob not null,
    response blob,
    created_at integer not null,
    primary key (scope, key)
) strict;
create index store_idempotency_created_at on store_idempotency (created_at);

create table store_lease (
    name text not null primary key,
    holder blob not null,
    fence integer not null,
    until integer not null
) strict;

-- place: the order among the living jobs of one aggregate. claim: who runs it now, until when.
create table store_job (
    id blob not null primary key,
    kind text not null,
    aggregate text not null,
    place integer not null,
    payload text not null,
    run_at integer not null,
    attempts integer not null,
    dead integer not null,
    last_error text,
    claim blob,
    claimed_until integer not null,
    created_at integer not null
) strict;
create unique index store_job_place on store_job (aggregate, place);
create index store_job_due on store_job (kind, dead, run_at);

create table store_subscription (
    event text not null,
    handler text not null,
    primary key (event, handler)
) strict;
