//! Idempotency keys: a client that did not hear the answer asks again with the same key and gets the same answer.

use crate::{StoreError, Tx, params, sql};
use daftar_kernel::Timestamp;

/// The longest key a client may choose, in bytes.
pub const KEY_LIMIT: usize = 200;
/// The longest answer that is kept, in bytes. It holds references, never personal data: it is not sealed.
pub const RESPONSE_LIMIT: usize = 16 * 1024;
/// How many keys one call of [`forget_before`] drops.
const FORGET_BATCH: i64 = 1000;

/// What a key means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Idempotent {
    /// It is new: do the work and call [`finish`], in the same transaction.
    New,
    /// The work was done: give this answer again.
    Replay(Vec<u8>),
    /// It was used for another request: refuse.
    Mismatch,
}

/// Looks a key up and takes it when it is new. `scope` says whose key it is and for which act, e.g.
/// `official:<id>/identity.register`; `request_digest` is the SHA-256 of what was asked.
///
/// # Errors
/// When the key is too long; the store's.
pub async fn begin(
    tx: &mut Tx,
    scope: &str,
    key: &str,
    request_digest: &[u8; 32],
    now: Timestamp,
) -> Result<Idempotent, StoreError> {
    if key.len() > KEY_LIMIT {
        return Err(StoreError::TooLarge { what: "an idempotency key", limit: KEY_LIMIT });
    }
    // Taking it first needs no look beforehand, which on PostgreSQL would collide with every other request that looks
    // nearby in the index.
    let take = sql!(
        "insert into store_idempotency (scope, key, request_sha256, response, created_at)
         values ($1, $2, $3, $4, $5) on conflict (scope, key) do nothing"
    );
    if tx.execute(take, &params![scope, key, request_digest, None::<Vec<u8>>, now]).await? == 1 {
        return Ok(Idempotent::New);
    }
    let found = sql!("select request_sha256, response from store_idempotency where scope = $1 and key = $2");
    let row = tx.query_one(found, &params![scope, key]).await?;
    if row.get::<&[u8]>(0)? != request_digest {
        return Ok(Idempotent::Mismatch);
    }
    match row.get::<Option<Vec<u8>>>(1)? {
        Some(response) => Ok(Idempotent::Replay(response)),
        None => Err(StoreError::Missing("the answer of a finished idempotent request".into())),
    }
}

/// Keeps the answer of a key that [`begin`] found new in the same transaction.
///
/// # Errors
/// When the answer is too long or the key was not begun; the store's.
pub async fn finish(tx: &mut Tx, scope: &str, key: &str, response: &[u8]) -> Result<(), StoreError> {
    if response.len() > RESPONSE_LIMIT {
        return Err(StoreError::TooLarge {
            what: "the answer of an idempotent request",
            limit: RESPONSE_LIMIT,
        });
    }
    // An insert that always conflicts, for the reason given in `begin`. One that does not is undone with the
    // transaction.
    let keep = sql!(
        "insert into store_idempotency (scope, key, request_sha256, response, created_at)
         values ($1, $2, $3, $3, -1) on conflict (scope, key) do update set response = excluded.response
         where store_idempotency.response is null returning created_at"
    );
    let row = tx.query_opt(keep, &params![scope, key, response]).await?;
    match row.map(|row| row.get::<i64>(0)).transpose()? {
        Some(begun) if begun != -1 => Ok(()),
        _ => Err(StoreError::Missing("an idempotency key that was begun".into())),
    }
}

/// Drops keys taken before this time, some at a time; answers how many. Call until it answers 0.
///
/// # Errors
/// The store's.
pub async fn forget_before(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let drop = sql!(
        "delete from store_idempotency where (scope, key) in
         (select scope, key from store_idempotency where created_at < $1 order by created_at limit $2)"
    );
    tx.execute(drop, &params![before, FORGET_BATCH]).await
}
