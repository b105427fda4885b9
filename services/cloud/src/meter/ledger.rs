//! The ledger: what the engine said in a minute is written once, in one transaction with the mark of that minute.

use super::usage::{Correction, Head, MonthUsage, Sample};
use super::{BillError, Month};
use crate::engine::{State, Usage};
use daftar_kernel::{Id, Timestamp};
use daftar_store::{StoreError, Tx, params, sql};
use std::collections::BTreeMap;

/// Whose instance it is: instances that are not in here are orphans, and are not billed.
pub type Owners = BTreeMap<(Id, Id), String>;

/// The minute a moment lies in.
#[must_use]
pub const fn minute_of(at: Timestamp) -> i64 {
    at.seconds().div_euclid(60)
}

/// Writes what the engine said in the minute of `at`; false when that minute is written already, by whomever, and then
/// nothing is changed.
///
/// The engine's counters only grow until the instance starts anew, then they begin at zero. So what was used since the last
/// look is the difference, or the whole where the counter is below what it was. When the last look was not in the minute
/// before, nobody can say when it was used: then it is 0, and the counters are only remembered. An instance seen for the
/// first time has used what its counters say.
///
/// # Errors
/// The store's.
pub async fn record(
    tx: &mut Tx,
    at: Timestamp,
    usage: &[Usage],
    owners: &Owners,
) -> Result<bool, StoreError> {
    let minute = minute_of(at);
    let mark =
        sql!("insert into cloud_minute (minute, taken_at) values ($1, $2) on conflict (minute) do nothing");
    if tx.execute(mark, &params![minute, at.0]).await? == 0 {
        return Ok(false);
    }
    for seen in usage {
        if let Some(agency) = owners.get(&(seen.project, seen.instance)) {
            record_one(tx, minute, seen, agency).await?;
        }
    }
    Ok(true)
}

async fn record_one(tx: &mut Tx, minute: i64, seen: &Usage, agency: &str) -> Result<(), StoreError> {
    let counters = [seen.cpu_ns, seen.sent_bytes, seen.received_bytes].map(whole);
    let last = tx
        .query_opt(
            sql!("select minute, cpu_ns, sent_bytes, received_bytes from cloud_counter where instance = $1"),
            &params![seen.instance],
        )
        .await?;
    let used = match last {
        None => counters,
        Some(row) if row.get::<i64>(0)? != minute - 1 => [0; 3],
        Some(row) => {
            let last = [row.get::<i64>(1)?, row.get(2)?, row.get(3)?];
            std::array::from_fn(|i| if counters[i] < last[i] { counters[i] } else { counters[i] - last[i] })
        }
    };
    let [cpu_ns, sent, received] = counters;
    tx.execute(
        sql!(
            "insert into cloud_counter (instance, minute, cpu_ns, sent_bytes, received_bytes) values ($1, $2, $3, $4, $5) \
             on conflict (instance) do update set minute = excluded.minute, cpu_ns = excluded.cpu_ns, \
             sent_bytes = excluded.sent_bytes, received_bytes = excluded.received_bytes"
        ),
        &params![seen.instance, minute, cpu_ns, sent, received],
    )
    .await?;
    let state = match seen.state {
        State::Running => "running",
        State::Stopped => "stopped",
        State::Broken => "broken",
    };
    let [cpu_ns, sent, received] = used;
    tx.execute(
        sql!(
            "insert into cloud_sample (agency_id, minute, instance, project, state, vcpus, memory_mib, disk_mib, \
             cpu_ns, sent_bytes, received_bytes) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             on conflict (agency_id, minute, instance) do nothing"
        ),
        &params![
            agency, minute, seen.instance, seen.project, state, i64::from(seen.vcpus), whole(seen.memory_mib),
            whole(seen.disk_mib), cpu_ns, sent, received
        ],
    )
    .await?;
    Ok(())
}

/// A count as the store holds it. No counter reaches the end: 2⁶³ nanoseconds are 292 years.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Adds a credit (negative) or a charge to an agency's month; it changes no sample. False when it is there already, or the
/// month was billed: then it belongs into the next one.
///
/// # Errors
/// The store's.
pub async fn correct(
    tx: &mut Tx,
    agency: &str,
    month: Month,
    correction: &Correction,
    by: &str,
) -> Result<bool, StoreError> {
    let now = tx.world().now();
    let added = tx
        .execute(
            sql!(
                "insert into cloud_correction (agency_id, month, id, minor, reason, made_at, made_by) \
                 select $1, $2, $3, $4, $5, $6, $7 where not exists \
                 (select 1 from cloud_invoice where agency_id = $1 and month = $2) \
                 on conflict (agency_id, month, id) do nothing"
            ),
            &params![
                agency,
                month.to_string(),
                correction.correction,
                correction.minor,
                correction.reason.clone(),
                now.0,
                by
            ],
        )
        .await?;
    Ok(added > 0)
}

/// Why a month's usage cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store's.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The month's, or the zone's.
    #[error(transparent)]
    Bill(#[from] BillError),
}

/// An agency's month as it stands in the ledger, up to `until` where the month is not over.
///
/// # Errors
/// The store's; a zone that is not known.
pub async fn month(
    tx: &mut Tx,
    agency: &str,
    month: Month,
    zone: &str,
    until: Timestamp,
) -> Result<MonthUsage, LedgerError> {
    let (from, to) = month.minutes(zone)?;
    let head = Head {
        format: super::usage::FORMAT.into(),
        agency: agency.into(),
        month: month.to_string(),
        from,
        to,
    };
    let gaps = gaps(tx, from, to.min(minute_of(until))).await?;
    let rows = tx
        .query(
            sql!(
                "select minute, project, instance, state, vcpus, memory_mib, disk_mib, cpu_ns, sent_bytes, received_bytes \
                 from cloud_sample where agency_id = $1 and minute >= $2 and minute < $3 order by minute, instance"
            ),
            &params![agency, from, to],
        )
        .await?;
    let count = |value: i64| u64::try_from(value).unwrap_or(0);
    let mut samples = Vec::with_capacity(rows.len());
    for row in rows {
        samples.push(Sample {
            minute: row.get(0)?,
            project: row.get(1)?,
            instance: row.get(2)?,
            state: row.get(3)?,
            vcpus: u32::try_from(row.get::<i64>(4)?).unwrap_or(0),
            memory_mib: count(row.get(5)?),
            disk_mib: count(row.get(6)?),
            cpu_ns: count(row.get(7)?),
            sent: count(row.get(8)?),
            received: count(row.get(9)?),
        });
    }
    let rows = tx
        .query(
            sql!("select id, minor, reason from cloud_correction where agency_id = $1 and month = $2 order by id"),
            &params![agency, month.to_string()],
        )
        .await?;
    let mut corrections = Vec::with_capacity(rows.len());
    for row in rows {
        corrections.push(Correction { correction: row.get(0)?, minor: row.get(1)?, reason: row.get(2)? });
    }
    Ok(MonthUsage { head, gaps, samples, corrections })
}

/// The minutes from the first one ever written on, without a look at the engine.
async fn gaps(tx: &mut Tx, from: i64, to: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    let first = tx.query_opt(sql!("select minute from cloud_minute order by minute limit 1"), &[]).await?;
    let Some(first) = first.map(|row| row.get::<i64>(0)).transpose()? else { return Ok(Vec::new()) };
    let rows = tx
        .query(
            sql!("select minute from cloud_minute where minute >= $1 and minute < $2 order by minute"),
            &params![from, to],
        )
        .await?;
    let (mut gaps, mut next) = (Vec::new(), from.max(first));
    for row in rows {
        let minute = row.get::<i64>(0)?;
        if minute > next {
            gaps.push((next, minute));
        }
        next = minute + 1;
    }
    if next < to {
        gaps.push((next, to));
    }
    Ok(gaps)
}
