//! The store as its users see it, on both engines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod backup;
mod blobs;
mod migrations;
mod relocate;
mod shipping;
mod transactions;
mod vault;
mod workings;

use daftar_store::{Migrations, Step, Store, StoreError, params, sql};

/// A table to try things on.
pub const TRIAL: Migrations = Migrations {
    owner: "trial",
    steps: &[Step {
        number: 1,
        name: "0001_trial",
        sqlite: "create table trial_row (
                     id integer not null primary key, name text not null unique, note blob, done integer not null
                 ) strict;",
        postgres: "create table trial_row (
                     id bigint not null primary key, name text collate \"C\" not null unique, note bytea,
                     done boolean not null
                   );",
    }],
};

/// Adds a row of the trial table.
pub async fn add(store: &Store, id: i64, name: &str) -> Result<(), StoreError> {
    let name = name.to_string();
    store
        .write(move |tx| {
            let name = name.clone();
            Box::pin(async move {
                let insert = sql!("insert into trial_row (id, name, done) values ($1, $2, $3)");
                tx.execute(insert, &params![id, name, false]).await.map(|_| ())
            })
        })
        .await
}

/// How many rows the trial table has.
pub async fn count(store: &Store) -> i64 {
    store
        .read(|tx| {
            Box::pin(
                async move { tx.query_one(sql!("select count(*) from trial_row"), &[]).await?.get::<i64>(0) },
            )
        })
        .await
        .unwrap_or_else(|e: StoreError| panic!("counting: {e}"))
}
