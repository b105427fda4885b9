//! How fast acts commit and enter the log, and whether that depends on how large the log already is.
//!
//! `cargo run --release -p daftar-record --example append -- [acts] [database url]` commits acts from many
//! tasks at once, each acknowledged after its own durable commit (SQLite: WAL, synchronous=FULL), while the
//! sequencer runs as the worker would; then looks, then a whole audit. It prints one line per tenth of the
//! acts: if the columns stay level, the cost is flat.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measuring program at a terminal: it prints, asks the clock, and stops at the first failure"
)]

use daftar_kernel::{Actor, Id, World};
use daftar_record::transport::HttpTransport;
use daftar_record::{Act, Look, MIGRATIONS, Record, RecordConfig};
use daftar_store::{Store, StoreConfig};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Tasks that commit at once, like so many open connections.
const TASKS: u64 = 256;
/// Persons the acts and looks are about.
const PERSONS: u64 = 20_000;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let acts: u64 = args.next().map_or(100_000, |text| text.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let url = args.next().unwrap_or_else(|| format!("sqlite:{}", dir.path().join("daftar.db").display()));
    let config = StoreConfig { url, data_dir: dir.path().join("data"), blobs: None, archive: None };
    let store = Store::open(config, World::system(), &[MIGRATIONS]).await.unwrap();
    let mut settings =
        RecordConfig::new("bench.example", "quorum none", Arc::new(HttpTransport::new(b"").unwrap()));
    settings.mark_dir = Some(dir.path().join("mark"));
    let record = Record::open(store, settings).await.unwrap();

    println!("{:>9}  {:>11}  {:>11}  {:>9}", "size", "acts/s", "sequenced/s", "memory");
    for tenth in 0..10 {
        let committed = measure(tenth * acts / 10, acts / 10, record.clone(), act).await;
        let start = Instant::now();
        let mut sequenced = 0;
        loop {
            let done = record.sequence_once().await.unwrap();
            sequenced += done.acts;
            if !done.more {
                break;
            }
        }
        let sequenced = per_second(sequenced as u64, start);
        let size = record.status().await.unwrap().logs[0].size;
        println!("{size:>9}  {committed:>11}  {sequenced:>11}  {:>6} MB", memory_mb());
    }

    let looks = (acts / 10).min(100_000);
    let committed = measure(0, looks, record.clone(), look).await;
    let (mut batched, mut spent) = (0, Duration::ZERO);
    while batched < looks {
        // The last, not full batch waits for its interval: only passes that make a batch are timed.
        let start = Instant::now();
        let done = record.sequence_once().await.unwrap();
        if done.batch {
            spent += start.elapsed();
            batched += done.looks as u64;
        }
        tokio::task::yield_now().await;
    }
    println!("looks/s {committed}, batched/s {}", rate(batched, spent));

    let start = Instant::now();
    let audit = record.audit_store().await.unwrap();
    let checked = audit.entries + audit.looks;
    println!(
        "audited/s {} ({} findings), memory {} MB",
        per_second(checked, start),
        audit.findings.len(),
        memory_mb()
    );
}

fn person(number: u64) -> Id {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&(number % PERSONS).to_be_bytes());
    Id::from_bytes(bytes)
}

async fn act(record: Record, number: u64) {
    let of = record.clone();
    record
        .store()
        .write(move |tx| {
            let record = of.clone();
            Box::pin(async move {
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
        })
        .await
        .unwrap();
}

async fn look(record: Record, number: u64) {
    let of = record.clone();
    record
        .store()
        .write(move |tx| {
            let record = of.clone();
            Box::pin(async move {
                let look = Look {
                    subject: person(number.wrapping_mul(7919)),
                    reader: (&Actor::System("bench")).into(),
                    service: "bench",
                    purpose: "correction".into(),
                    basis: "Registration Act, section 4".into(),
                    case: None,
                    fields: vec!["name".into(), "address".into()],
                    sealed_until: None,
                };
                record.look(tx, &look).await
            })
        })
        .await
        .unwrap();
}

/// Runs `total` of these, numbered from `first`, from [`TASKS`] tasks at once; gives how many a second were
/// acknowledged.
async fn measure<F>(first: u64, total: u64, record: Record, one: fn(Record, u64) -> F) -> u64
where
    F: Future<Output = ()> + Send + 'static,
{
    let next = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (next, record) = (next.clone(), record.clone());
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= total {
                        break;
                    }
                    one(record.clone(), first + number).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    per_second(total, start)
}

fn per_second(count: u64, start: Instant) -> u64 {
    rate(count, start.elapsed())
}

fn rate(count: u64, time: Duration) -> u64 {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
    count.saturating_mul(1_000_000) / micros
}

/// Resident memory of this process, from /proc; 0 where there is none.
fn memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}
