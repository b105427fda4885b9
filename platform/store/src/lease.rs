//! Leases: at most one node does a thing at a time, and one that was thought dead cannot do harm afterwards.

use crate::{StoreError, Tx, params, sql};
use daftar_kernel::{Id, Timestamp};

/// The proof of holding a lease. Its number grows with every new holder; whoever writes under a lease calls
/// [`check`] in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The lease's name.
    pub name: String,
    /// Who holds it: an id made once per process.
    pub holder: Id,
    /// The fencing token.
    pub number: i64,
}

/// Takes or renews the lease for `ttl_seconds`; `None` while somebody else holds it.
///
/// # Errors
/// The store's.
pub async fn acquire(
    tx: &mut Tx,
    name: &str,
    holder: Id,
    ttl_seconds: i64,
    now: Timestamp,
) -> Result<Option<Fence>, StoreError> {
    // A holder that renews in time keeps its number; everybody else, also itself when late, gets a new one.
    let take = sql!(
        "insert into store_lease (name, holder, fence, until) values ($1, $2, 1, $3)
         on conflict (name) do update set
            holder = excluded.holder, until = excluded.until,
            fence = case when store_lease.holder = excluded.holder and store_lease.until > $4
                    then store_lease.fence else store_lease.fence + 1 end
         where store_lease.holder = excluded.holder or store_lease.until <= $4
         returning fence"
    );
    let row = tx.query_opt(take, &params![name, holder, now.plus_seconds(ttl_seconds), now]).await?;
    row.map(|row| Ok(Fence { name: name.into(), holder, number: row.get(0)? })).transpose()
}

/// Whether the lease is still held under this very number.
///
/// # Errors
/// The store's.
pub async fn check(tx: &mut Tx, fence: &Fence, now: Timestamp) -> Result<bool, StoreError> {
    let held =
        sql!("select fence from store_lease where name = $1 and holder = $2 and fence = $3 and until > $4");
    let row = tx.query_opt(held, &params![&fence.name, fence.holder, fence.number, now]).await?;
    Ok(row.is_some())
}

/// Gives the lease back, if it is still held under this number, so that another need not wait.
///
/// # Errors
/// The store's.
pub async fn release(tx: &mut Tx, fence: &Fence) -> Result<(), StoreError> {
    let give_back = sql!("update store_lease set until = 0 where name = $1 and holder = $2 and fence = $3");
    tx.execute(give_back, &params![&fence.name, fence.holder, fence.number]).await.map(|_| ())
}
