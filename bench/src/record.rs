//! The public record alone: how fast acts commit and enter the log, whether that depends on its size, and the audit.

use crate::machine;
use crate::report::{Goal, Report, median};
use anyhow::Result;
use daftar_http::with_tx;
use daftar_kernel::{Actor, Id, World};
use daftar_record::transport::HttpTransport;
use daftar_record::{Act, MIGRATIONS, Record, RecordConfig};
use daftar_store::{Store, StoreConfig, StoreError};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Acts of a usual and of a full run.
const ACTS: [u64; 2] = [1_000_000, 10_000_000];
/// Parts of the run: whether it stays level is seen by comparing them.
const PARTS: u64 = 10;
/// Tasks that commit at once, like so many open connections.
const TASKS: u64 = 256;
/// Persons the acts are about.
const PERSONS: u64 = 20_000;

/// Runs the area.
///
/// # Errors
/// When the store fails.
pub async fn run(report: Report, full: bool) -> Result<()> {
    let acts = ACTS[usize::from(full)];
    let dir = tempfile::tempdir()?;
    let url = format!("sqlite:{}", dir.path().join("daftar.db").display());
    let config = StoreConfig { url, data_dir: dir.path().join("data"), blobs: None, archive: None };
    let store = Store::open(config, World::system(), &[MIGRATIONS]).await?;
    let mut settings =
        RecordConfig::new("bench.example/1", "quorum none", Arc::new(HttpTransport::new(b"")?));
    settings.mark_dir = Some(dir.path().join("mark"));
    let record = Record::open(store, settings).await?;
    report.say(&machine::load());
    report
        .say("SQLite: WAL, synchronous=FULL; each act sealed, and acknowledged after its own durable commit");
    report.head();
    let (mut committed, mut sequenced) = (Vec::new(), Vec::new());
    for part in 0..PARTS {
        committed.push(commit(&record, part * acts / PARTS, acts / PARTS).await?);
        sequenced.push(sequence(&record).await?);
        let size = (part + 1) * acts / PARTS;
        if part + 1 == 1 || part + 1 == PARTS / 2 {
            report.alone(&format!("durable append, up to {size}"), last(&committed), Goal::None, "acts/s");
        }
    }
    report.line(
        &format!("durable append, up to {acts}; the first tenth"),
        last(&committed),
        committed.first().copied(),
        Goal::TimesPeer(80),
        "acts/s",
    );
    report.line(
        &format!("sequenced and signed, up to {acts}; the first tenth"),
        last(&sequenced),
        sequenced.first().copied(),
        Goal::TimesPeer(80),
        "acts/s",
    );
    report.alone("durable append, median of the tenths", median(&committed), Goal::None, "acts/s");
    let before = resident_mb();
    let begun = Instant::now();
    let audit = record.audit_store().await?;
    report.alone(
        &format!("audit of all {} entries, {} findings", audit.entries, audit.findings.len()),
        per_second(audit.entries, begun.elapsed()),
        Goal::None,
        "entries/s",
    );
    report.alone("memory after appending", before, Goal::None, "MB");
    report.alone("memory after the audit", resident_mb(), Goal::None, "MB");
    Ok(())
}

fn last(numbers: &[u64]) -> u64 {
    numbers.last().copied().unwrap_or(0)
}

fn resident_mb() -> u64 {
    machine::memory_kb("self", "VmRSS").unwrap_or(0) / 1024
}

fn per_second(count: u64, time: Duration) -> u64 {
    count.saturating_mul(1_000_000) / u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1)
}

/// Commits so many acts, numbered from `first`; gives how many a second were acknowledged.
async fn commit(record: &Record, first: u64, count: u64) -> Result<u64> {
    let (next, begun) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (next, record) = (Arc::clone(&next), record.clone());
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return Ok::<_, StoreError>(());
                }
                one(&record, first + number).await?;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(per_second(count, begun.elapsed()))
}

async fn one(record: &Record, number: u64) -> Result<Id, StoreError> {
    let (store, record) = (record.store(), record.clone());
    with_tx!(store.write, tx, [record] {
        let act = Act {
            kind: "bench.act",
            service: "bench",
            agency: "civil-registry".into(),
            office: "civil-registry-north".into(),
            subject: Some(person(number)),
            public: json!({"form": "registration/3"}),
            private: Some(json!({"name": "Layla Haddad", "born": "1990-04-01"})),
        };
        record.act(tx, &Actor::System("bench"), &act).await
    })
}

fn person(number: u64) -> Id {
    let mut bytes = [7; 16];
    let (_, tail) = bytes.split_at_mut(8);
    tail.copy_from_slice(&(number % PERSONS).to_be_bytes());
    Id::from_bytes(bytes)
}

/// Brings everything that waits into the log; gives how many a second.
async fn sequence(record: &Record) -> Result<u64> {
    let (begun, mut count) = (Instant::now(), 0);
    loop {
        let done = record.sequence_once().await?;
        count += u64::try_from(done.acts).unwrap_or(0);
        if !done.more {
            return Ok(per_second(count, begun.elapsed()));
        }
    }
}
