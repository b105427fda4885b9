//! Jobs: what must happen after a transaction, at least once, in order for each thing it concerns.
//!
//! A job is enqueued in the transaction that makes it necessary. A [`Worker`] claims what is due, runs the handler of
//! its kind, and deletes it; a failure is tried again later and later, and in the end the job is **dead**: it stays,
//! with its reason, until an operator retries or discards it. Jobs of one aggregate run one after another in the
//! order they were enqueued; a dead one holds up those behind it, because they may build on it.

mod worker;

pub(crate) use worker::Done;
pub use worker::{Failed, Running, Worker};

use crate::{Row, StoreError, Tx, params, sql};
use daftar_kernel::{Id, Timestamp};

/// The longest payload, in bytes of JSON. It names things by id; it holds no personal data.
pub const PAYLOAD_LIMIT: usize = 64 * 1024;
/// How often a job is tried before it is dead: with the pauses of [`pause_seconds`] about two days.
pub const ATTEMPTS_LIMIT: i64 = 20;
/// How many dead jobs one page lists.
pub const DEAD_PAGE: i64 = 100;

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Which handler: `notify.send`.
    pub kind: String,
    /// What it concerns: `person:<id>`. Jobs of the same aggregate run in order, whatever their kind.
    pub aggregate: String,
    /// What the handler needs to know: ids, no personal data.
    pub payload: serde_json::Value,
    /// Not before.
    pub run_at: Timestamp,
}

/// A job that failed too often.
#[derive(Clone, Debug, PartialEq)]
pub struct Dead {
    /// Its id.
    pub id: Id,
    /// Which handler.
    pub kind: String,
    /// What it concerns.
    pub aggregate: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it failed the last time.
    pub last_error: String,
    /// When it was enqueued.
    pub created_at: Timestamp,
}

/// Enqueues a job; it runs when this transaction is committed and its time has come.
///
/// # Errors
/// When the payload is too long; the store's.
pub async fn enqueue(tx: &mut Tx, job: &Job) -> Result<Id, StoreError> {
    let payload = job.payload.to_string();
    if payload.len() > PAYLOAD_LIMIT {
        return Err(StoreError::TooLarge { what: "a job's payload", limit: PAYLOAD_LIMIT });
    }
    let (id, now) = (tx.world().id(), tx.world().now());
    let last = sql!("select cast(coalesce(max(place), 0) as bigint) from store_job where aggregate = $1");
    let place = tx.query_one(last, &params![&job.aggregate]).await?.get::<i64>(0)? + 1;
    let insert = sql!(
        "insert into store_job (id, kind, aggregate, place, payload, run_at, attempts, dead, claimed_until, created_at)
         values ($1, $2, $3, $4, $5, $6, 0, $7, 0, $8)"
    );
    let params = params![id, &job.kind, &job.aggregate, place, payload, job.run_at, false, now];
    tx.execute(insert, &params).await?;
    Ok(id)
}

/// How many jobs wait (also those being run), and how many are dead.
///
/// # Errors
/// The store's.
pub async fn count(tx: &mut Tx) -> Result<(i64, i64), StoreError> {
    let rows = tx.query(sql!("select dead, count(*) from store_job group by dead"), &[]).await?;
    let mut counts = (0, 0);
    for row in &rows {
        let count = row.get::<i64>(1)?;
        if row.get::<bool>(0)? { counts.1 = count } else { counts.0 = count }
    }
    Ok(counts)
}

/// Dead jobs after this id, oldest first, at most [`DEAD_PAGE`].
///
/// # Errors
/// The store's.
pub async fn list_dead(tx: &mut Tx, after: Option<Id>) -> Result<Vec<Dead>, StoreError> {
    let text = sql!(
        "select id, kind, aggregate, attempts, last_error, created_at from store_job
         where dead = $1 and id > $2 order by id limit $3"
    );
    let after = after.unwrap_or(Id::from_bytes([0; 16]));
    let read = |row: &Row| {
        Ok(Dead {
            id: row.get(0)?,
            kind: row.get(1)?,
            aggregate: row.get(2)?,
            attempts: row.get(3)?,
            last_error: row.get::<Option<String>>(4)?.unwrap_or_default(),
            created_at: row.get(5)?,
        })
    };
    tx.query(text, &params![true, after, DEAD_PAGE]).await?.iter().map(read).collect()
}

/// Gives a dead job all its attempts again, from now; false when there is no such dead job.
///
/// # Errors
/// The store's.
pub async fn retry_dead(tx: &mut Tx, id: Id, now: Timestamp) -> Result<bool, StoreError> {
    let text = sql!("update store_job set dead = $2, attempts = 0, run_at = $3 where id = $1 and dead = $4");
    Ok(tx.execute(text, &params![id, false, now, true]).await? == 1)
}

/// Gives a dead job up, so that those behind it can run; false when there is no such dead job.
///
/// # Errors
/// The store's.
pub async fn discard_dead(tx: &mut Tx, id: Id) -> Result<bool, StoreError> {
    let text = sql!("delete from store_job where id = $1 and dead = $2");
    Ok(tx.execute(text, &params![id, true]).await? == 1)
}

/// The pause after so many failed attempts: 2, 4, 8 ... seconds, at most three hours.
#[must_use]
pub const fn pause_seconds(attempts: i64) -> i64 {
    const MOST: i64 = 3 * 60 * 60;
    if attempts <= 0 {
        return 0;
    }
    if attempts > 13 { MOST } else { 1 << attempts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_three_hours_and_sum_to_less_than_two_days() {
        assert_eq!([0, 1, 2, 13, 14, i64::MAX].map(pause_seconds), [0, 2, 4, 8192, 10_800, 10_800]);
        let sum: i64 = (1..ATTEMPTS_LIMIT).map(pause_seconds).sum();
        assert!((12 * 3600..48 * 3600).contains(&sum), "{sum}");
    }
}
