//! Official running numbers without gaps: a number is taken inside the transaction that uses it.

use crate::{StoreError, Tx, params, sql};

/// The counter's next number, from 1. If the transaction is rolled back, the number is not used up; so whoever takes
/// a number waits for whoever took the one before.
///
/// # Errors
/// The store's.
pub async fn next(tx: &mut Tx, name: &str) -> Result<i64, StoreError> {
    let text = sql!(
        "insert into store_counter (name, value) values ($1, 1)
         on conflict (name) do update set value = store_counter.value + 1 returning value"
    );
    tx.query_one(text, &params![name]).await?.get(0)
}
